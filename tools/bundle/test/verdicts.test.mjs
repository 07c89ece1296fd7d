// The vectors of verdicts, which the Go side is held to as well.
import assert from 'node:assert/strict';
import nodeCrypto from 'node:crypto';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {Absent, examine} from '../../../templates/assets/src/examine.js';

globalThis.crypto ??= nodeCrypto.webcrypto;

const vectors = JSON.parse(readFileSync(new URL('../../../site/testdata/verdicts.json', import.meta.url), 'utf8'));
const statements = `/c/${vectors.number}/status.json`;

/** Examines the certificate of a case on a page that was built with statements, or without. */
async function examined({files, now}, said) {
  const all = {...vectors.files, ...files}, asked = [];
  const read = async path => {
    asked.push(path);
    const text = all[path.slice(1)];
    if (text === undefined || text === null) throw new Absent(path);
    return text;
  };
  const site = {base: vectors.base, did: vectors.did, log: vectors.log.split(' '), said};
  const report = await examine(site, () => read(`/c/${vectors.number}/credential.json`), read, [vectors.number], Date.parse(now || vectors.now));
  return {...report, asked};
}

for (const vector of vectors.cases) {
  test(vector.name, async () => {
    const report = await examined(vector, true);
    assert.equal(report.problem, undefined);
    assert.equal(report.verdict, vector.verdict);
    assert.equal(Object.values(report.results).map(r => r.result).join(' '), vector.results);
    const {status, time: since, reason: code, replacement} = report.stands || {};
    assert.deepEqual(JSON.parse(JSON.stringify({status, since, code, replacement})), vector.status || {});
  });
}

const named = name => vectors.cases.find(c => c.name === name);

test('statements are asked for where something calls for them', async () => {
  const asks = async (name, said) => (await examined(named(name), said)).asked.includes(statements);
  assert.equal(await asks('nothing said, no bit', false), false);
  assert.equal(await asks('nothing said, no bit', true), true);
  for (const name of ['revoked', 'suspended', 'no revocation list', 'no suspension list', 'revoked, lists from before']) assert.equal(await asks(name, false), true, name);
});
