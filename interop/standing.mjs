// Asks foreign verifiers, and the page's own script, whether certificates of a tree stand: a line of JSON for each and judge,
// {file, judge, standing: good, revoked or unknown, why}.
//
//   node standing.mjs TREE BASE LOGKEYS FILE…
import {serveTree, treeFile} from './judge/offline.mjs';
import fs from 'node:fs';
import {verifyCredential} from '@digitalcredentials/verifier-core';
import * as digitalbazaar from './judge/digitalbazaar.mjs';
import {Absent, examine} from '../templates/assets/src/examine.js';

const [tree, base, logKeys, ...files] = process.argv.slice(2);
serveTree(tree, base);

const judges = {
  'both suites': document => bazaar(document, ['rdfc', 'jcs']),
  'rdfc alone': document => bazaar(document, ['rdfc']),
  'jcs alone': document => bazaar(document, ['jcs']),
  'verifier-core': core,
  'the page’s script': script,
};

for (const file of files) {
  for (const [judge, verify] of Object.entries(judges)) {
    const {standing, why} = await verify(JSON.parse(fs.readFileSync(treeFile(`${base}/${file}`))));
    console.log(JSON.stringify({file, judge, standing, why}));
  }
}

async function bazaar(document, names) {
  const {ok, proofs, revoked, why} = await digitalbazaar.verify(document, names);
  return {standing: ok ? 'good' : revoked && proofs === names.length ? 'revoked' : 'unknown', why};
}

async function core(document) {
  const {log, error} = console;
  console.log = console.error = () => {}; // it prints each schema that it could not fetch
  const result = await verifyCredential({credential: document, knownDIDRegistries: []}).finally(() => Object.assign(console, {log, error}));
  if (result.errors) return {standing: 'unknown', why: JSON.stringify(result.errors)};
  const step = id => result.log.find(s => s.id === id) || {};
  const status = step('revocation_status');
  const why = JSON.stringify(result.log);
  if (step('valid_signature').valid !== true) return {standing: 'unknown', why};
  return {standing: status.valid === true ? 'good' : status.valid === false && !status.error ? 'revoked' : 'unknown', why};
}

async function script(document) {
  const read = async (path, raw) => {
    try {
      return fs.readFileSync(treeFile(base + path), raw ? undefined : 'utf8');
    } catch (e) {
      throw new Absent(path);
    }
  };
  const host = new URL(base).host;
  const site = {base, did: 'did:web:' + host, log: logKeys.split(' '), said: false};
  const number = document.credentialSubject.licenseNumber;
  const {verdict, problem} = await examine(site, () => read(`/c/${number}/credential.json`), read, [number], Date.parse('2026-03-01T12:00:00Z'));
  return {standing: {valid: 'good', revoked: 'revoked'}[verdict] || 'unknown', why: `${verdict} ${problem || ''}`};
}
