// The vectors of the key history, which the Go side is held to as well.
import assert from 'node:assert/strict';
import nodeCrypto from 'node:crypto';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {readKeys} from '../../../templates/assets/src/keys.js';

globalThis.crypto ??= nodeCrypto.webcrypto;

const vectors = JSON.parse(readFileSync(new URL('../../../credential/testdata/history.json', import.meta.url), 'utf8'));
const site = {base: 'https://certs.example.org', did: 'did:web:certs.example.org'};

test('each proof is judged by the key history', async () => {
  const judge = await readKeys(vectors.did, vectors.history, site);
  for (const {why, method, created, judged} of vectors.proofs) {
    const key = judge({method, created: Date.parse(created)});
    assert.equal(!key ? 'fail' : key.root ? 'revoked' : 'good', judged, why);
  }
  assert.equal(vectors.proofs.length > 8, true);
});

for (const {why, history} of vectors.refused) {
  test(`a history is refused: ${why}`, async () => {
    await assert.rejects(readKeys(vectors.did, history, site));
  });
}
