// Certificates made and signed here, without the product's own code on the issuing side.
import assert from 'node:assert/strict';
import nodeCrypto from 'node:crypto';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {gzipSync} from 'node:zlib';
import {examine, Unread} from '../../../templates/assets/src/examine.js';
import {canonicalize} from '../../../templates/assets/src/jcs.js';

globalThis.crypto ??= nodeCrypto.webcrypto;

const site = {base: 'https://certs.example.org', did: 'did:web:certs.example.org'};
const number = '7F3K-9QXM-2T8W-RB7Q';
const now = Date.parse('2026-06-18T01:30:00Z');
const index = 4711;

function base58(bytes) {
  const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let n = BigInt('0x' + Buffer.from(bytes).toString('hex')), out = '';
  for (; n; n /= 58n) out = digits[Number(n % 58n)] + out;
  return '1'.repeat([...bytes].findIndex(b => b)) + out;
}

function newKey() {
  const pair = nodeCrypto.generateKeyPairSync('ed25519');
  const raw = pair.publicKey.export({format: 'der', type: 'spki'}).subarray(-32);
  return {...pair, name: 'z' + base58([0xed, 1, ...raw])};
}

const hash = value => nodeCrypto.createHash('sha256').update(canonicalize(JSON.stringify(value))).digest();

function sign(content, key) {
  const config = {
    type: 'DataIntegrityProof', cryptosuite: 'eddsa-jcs-2022', created: '2026-06-18T01:00:00Z', ...'@context' in content && {'@context': content['@context']},
    verificationMethod: `${site.did}#${key.name}`, proofPurpose: 'assertionMethod',
  };
  const signature = nodeCrypto.sign(null, Buffer.concat([hash(config), hash(content)]), key.privateKey);
  return {...content, proof: [{...config, cryptosuite: 'eddsa-rdfc-2022', proofValue: 'z1'}, {...config, proofValue: 'z' + base58(signature)}]};
}

const badge = () => ({
  '@context': ['https://www.w3.org/ns/credentials/v2', 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json'],
  id: `${site.base}/c/${number}/credential.json`,
  type: ['VerifiableCredential', 'OpenBadgeCredential'],
  name: '结业证书 / Certificate of Completion',
  issuer: {id: site.did, type: ['Profile'], name: '示例学院 Example Academy'},
  validFrom: '2026-03-01T10:03:04+08:00',
  credentialSubject: {
    type: ['AchievementSubject'],
    licenseNumber: number,
    identifier: [{type: 'IdentityObject', hashed: false, identityHash: '张伟', identityType: 'name'}],
    achievement: {id: `${site.base}/a/course/#C-301`, type: ['Achievement'], achievementType: 'Course', name: '安全生产基础', description: '', criteria: {narrative: '…'}},
  },
  credentialStatus: {
    id: `${site.base}/status/revocation/0.json#${index}`, type: 'BitstringStatusListEntry', statusPurpose: 'revocation',
    statusListIndex: String(index), statusListCredential: `${site.base}/status/revocation/0.json`,
  },
});

function list(purpose, set, size = 16384) {
  const bits = Buffer.alloc(size);
  if (set) bits[index >> 3] |= 0x80 >> index % 8;
  return {
    '@context': ['https://www.w3.org/ns/credentials/v2'], id: `${site.base}/status/${purpose}/0.json`,
    type: ['VerifiableCredential', 'BitstringStatusListCredential'], issuer: site.did, validFrom: '2026-03-01T00:00:00Z',
    credentialSubject: {id: `${site.base}/status/${purpose}/0.json#list`, type: 'BitstringStatusList', statusPurpose: purpose, encodedList: 'u' + gzipSync(bits).toString('base64url')},
  };
}

const didOf = (...keys) => ({
  id: site.did, assertionMethod: keys.map(key => `${site.did}#${key.name}`),
  verificationMethod: keys.map(key => ({id: `${site.did}#${key.name}`, type: 'Multikey', controller: site.did, publicKeyMultibase: key.name})),
});

/** A history in which key signs since the first day; change has its way with it. */
function historyOf(key, signer = key, change = () => {}) {
  const history = {
    type: 'LaurelKeys', version: 1, id: site.base + '/keys.json', issuer: site.did, sequence: 1, updated: '2026-03-01T00:00:00Z',
    keys: [{id: `${site.did}#${key.name}`, listed: '2026-03-01T00:00:00Z', signs: '2026-03-01T00:00:00Z'}],
  };
  change(history);
  return sign(history, signer);
}

/** Examines a certificate after change has had its way with what is signed, served and asked. */
async function outcome(change = () => {}) {
  const key = newKey();
  const world = {
    key, badge: badge(), did: didOf(key), numbers: [number], now,
    revocation: list('revocation', false), suspension: list('suspension', false), after: text => text, serve: {},
  };
  change(world);
  const files = {
    '/.well-known/did.json': JSON.stringify(world.did),
    '/keys.json': JSON.stringify(world.history || historyOf(key)),
    '/status/revocation/0.json': JSON.stringify(sign(world.revocation, world.listKey || key)),
    '/status/suspension/0.json': JSON.stringify(sign(world.suspension, key)),
    ...world.serve,
  };
  const asked = [];
  const report = await examine(site, async () => world.after(JSON.stringify(sign(world.badge, key))), async path => {
    asked.push(path);
    if (files[path] === undefined) throw new Unread(path);
    return files[path];
  }, world.numbers, world.now);
  return {...report, asked};
}

const results = report => Object.values(report.results).map(r => r.result).join(' ');

const cases = [
  ['a certificate in good standing', 'valid', 'pass pass pass pass pass skip', () => {}],
  ['one that is formatted anew', 'valid', 'pass pass pass pass pass skip', w => { w.after = text => JSON.stringify(JSON.parse(text), null, '\t'); }],
  ['a revoked one', 'revoked', 'pass pass pass pass fail skip', w => { w.revocation = list('revocation', true); }],
  ['a suspended one', 'suspended', 'pass pass pass pass fail skip', w => { w.suspension = list('suspension', true); }],
  ['one both revoked and suspended', 'revoked', 'pass pass pass pass fail skip', w => { w.revocation = list('revocation', true); w.suspension = list('suspension', true); }],
  ['an expired one', 'expired', 'pass pass pass fail pass skip', w => { w.badge.validUntil = '2026-06-18T09:30:00+08:00'; }],
  ['one both expired and revoked', 'revoked', 'pass pass pass fail fail skip', w => { w.badge.validUntil = '2026-05-01T00:00:00Z'; w.revocation = list('revocation', true); }],
  ['one that is not in force yet', 'invalid', 'pass pass pass fail pass skip', w => { w.badge.validFrom = '2026-07-01T00:00:00Z'; }],
  ['one a minute ahead of the visitor’s clock', 'valid', 'pass pass pass pass pass skip', w => { w.now = Date.parse(w.badge.validFrom) - 60000; }],
  ['a changed name', 'invalid', 'pass fail skip skip skip skip', w => { w.after = text => text.replace('张伟', '张玮'); }],
  ['a changed time of signing', 'invalid', 'pass fail skip skip skip skip', w => { w.after = text => text.replaceAll('01:00:00Z', '01:00:01Z'); }],
  ['a name that occurs twice', 'invalid', 'skip fail skip skip skip skip', w => { w.after = text => text.replace('{', '{"name":"x",'); }],
  ['one without its jcs proof', 'invalid', 'pass fail skip skip skip skip', w => { w.after = text => JSON.stringify({...JSON.parse(text), proof: JSON.parse(text).proof.slice(0, 1)}); }],
  ['two jcs proofs', 'invalid', 'pass fail skip skip skip skip', w => { w.after = text => { const d = JSON.parse(text); return JSON.stringify({...d, proof: [...d.proof, d.proof[1]]}); }; }],
  ['a proof over fewer contexts', 'invalid', 'pass fail skip skip skip skip', w => { w.after = text => { const d = JSON.parse(text); d['@context'].push('https://example.org/more'); return JSON.stringify(d); }; }],
  ['another number in the address', 'invalid', 'fail skip skip skip skip skip', w => { w.numbers.push('64R3-0C1G-60R2-0WMG'); }],
  ['no good number in the address', 'invalid', 'fail skip skip skip skip skip', w => { w.numbers.push(undefined); }],
  ['a number that is none', 'invalid', 'fail skip skip skip skip skip', w => { w.badge.credentialSubject.licenseNumber = w.numbers[0] = '7F3K-9QXM-2T8W-RB5H'; }],
  ['another id', 'invalid', 'fail skip skip skip skip skip', w => { w.badge.id = w.badge.id.replace('example', 'examp1e'); }],
  ['another issuer', 'invalid', 'pass pass fail skip skip skip', w => { w.badge.issuer.id = 'did:web:other.example'; }],
  ['a key that is not published', 'invalid', 'pass pass fail skip skip skip', w => { w.did = didOf(newKey()); }],
  ['another key under the same name', 'invalid', 'pass pass fail skip skip skip', w => { w.did.verificationMethod[0].publicKeyMultibase = newKey().name; }],
  ['a key that is not for assertions', 'invalid', 'pass pass fail skip skip skip', w => { w.did.assertionMethod = []; }],
  ['a did.json of somebody else', 'invalid', 'pass pass fail skip skip skip', w => { w.did.id = 'did:web:other.example'; }],
  ['no did.json', 'unavailable', 'pass pass skip skip skip skip', w => { w.serve['/.well-known/did.json'] = undefined; }],
  ['a broken did.json', 'unavailable', 'pass pass skip skip skip skip', w => { w.serve['/.well-known/did.json'] = '{'; }],
  ['no key history', 'unavailable', 'pass pass skip skip skip skip', w => { w.serve['/keys.json'] = undefined; }],
  ['a key history of somebody else', 'unavailable', 'pass pass skip skip skip skip', w => { w.history = historyOf(w.key, newKey()); }],
  ['one signed before its key was listed', 'invalid', 'pass pass fail skip skip skip', w => { w.history = historyOf(w.key, w.key, h => { h.keys[0].listed = '2026-06-18T01:00:01Z'; }); }],
  ['one signed after its key was retired', 'invalid', 'pass pass fail skip skip skip', w => {
    const next = newKey();
    w.did = didOf(w.key, next);
    w.history = historyOf(w.key, next, h => {
      h.keys[0].retired = '2026-06-18T00:59:59Z';
      h.keys.push({id: `${site.did}#${next.name}`, listed: '2026-06-18T00:50:00Z', signs: '2026-06-18T00:59:59Z'});
    });
  }],
  ['no credential', 'unavailable', 'skip skip skip skip skip skip', w => { w.after = () => { throw new Unread('404'); }; }],
  ['no revocation list', 'unavailable', 'pass pass pass pass skip skip', w => { w.serve['/status/revocation/0.json'] = undefined; }],
  ['no suspension list', 'unavailable', 'pass pass pass pass skip skip', w => { w.serve['/status/suspension/0.json'] = undefined; }],
  ['a revoked one without a suspension list', 'revoked', 'pass pass pass pass fail skip', w => { w.revocation = list('revocation', true); w.serve['/status/suspension/0.json'] = undefined; }],
  ['a list signed by somebody else', 'unavailable', 'pass pass pass pass skip skip', w => { w.listKey = newKey(); }],
  ['the other list in its place', 'unavailable', 'pass pass pass pass skip skip', w => { w.revocation = list('suspension', false); }],
  ['a list that is too short', 'unavailable', 'pass pass pass pass skip skip', w => { w.revocation = list('revocation', false, 16383); }],
  ['a list that is one byte too long', 'unavailable', 'pass pass pass pass skip skip', w => { w.suspension = list('suspension', false, 16385); }],
  ['a list that is far too long', 'unavailable', 'pass pass pass pass skip skip', w => { w.suspension = list('suspension', false, 1 << 20); }],
  ['a list at another address', 'unavailable', 'pass pass pass pass skip skip', w => { w.badge.credentialStatus.statusListCredential = 'https://evil.example/status/revocation/0.json'; }],
  ['a list outside its folder', 'unavailable', 'pass pass pass pass skip skip', w => { w.badge.credentialStatus.statusListCredential = site.base + '/status/revocation/../../x.json'; }],
  ['an entry of another index', 'unavailable', 'pass pass pass pass skip skip', w => { w.badge.credentialStatus.statusListIndex = '1'; }],
  ['an entry beyond the list', 'invalid', 'skip fail skip skip skip skip', w => { w.badge.credentialStatus.statusListIndex = '131072'; }],
  ['no status entry', 'invalid', 'skip fail skip skip skip skip', w => { delete w.badge.credentialStatus; }],
];

for (const [name, verdict, expected, change] of cases) {
  test(`${name}: ${verdict}`, async () => {
    const report = await outcome(change);
    assert.equal(report.verdict, verdict);
    assert.equal(results(report), expected);
    assert.equal(report.problem, undefined);
    assert.equal(report.verified, /^pass pass pass/.test(expected));
    for (const path of report.asked) assert.match(path, /^\/(\.well-known\/did|keys|status\/(revocation|suspension)\/0)\.json$/);
  });
}

test('the fallback verifies and unpacks what the browser does', async () => {
  const source = readFileSync(new URL('../../../templates/assets/dist/fallback.js', import.meta.url), 'utf8');
  const fallback = await import('data:text/javascript,' + encodeURIComponent(source));
  const {publicKey, privateKey} = nodeCrypto.generateKeyPairSync('ed25519');
  const key = new Uint8Array(publicKey.export({format: 'der', type: 'spki'}).subarray(-32));
  const message = new TextEncoder().encode('message'), signature = new Uint8Array(nodeCrypto.sign(null, message, privateKey));
  assert.equal(fallback.verify(signature, message, key), true);
  signature[5] ^= 1;
  assert.equal(fallback.verify(signature, message, key), false);
  assert.equal(fallback.verify(signature.subarray(1), message, key), false);
  assert.equal(Buffer.from(fallback.sha256(message)).toString('hex'), nodeCrypto.createHash('sha256').update(message).digest('hex'));

  const bits = nodeCrypto.randomBytes(16384);
  assert.deepEqual(Buffer.from(fallback.gunzip(new Uint8Array(gzipSync(bits)), 16384)), bits);
  assert.deepEqual(Buffer.from(fallback.gunzip(new Uint8Array(gzipSync(Buffer.alloc(16384))), 16384)), Buffer.alloc(16384));
  for (const size of [16383, 16385, 1 << 26]) assert.throws(() => fallback.gunzip(new Uint8Array(gzipSync(Buffer.alloc(size))), 16384));
  assert.throws(() => fallback.gunzip(new Uint8Array(gzipSync(bits)).subarray(0, 9000), 16384));
  assert.throws(() => fallback.gunzip(new Uint8Array(100), 16384));
});
