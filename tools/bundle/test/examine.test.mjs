// Certificates made and signed here, without the product's own code on the issuing side.
import assert from 'node:assert/strict';
import nodeCrypto from 'node:crypto';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {gzipSync} from 'node:zlib';
import {Absent, examine, Unread} from '../../../templates/assets/src/examine.js';
import {canonicalize} from '../../../templates/assets/src/jcs.js';
import {entryOf, leafHash, newLog, rootOf} from './treelog.mjs';

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
    type: ['VerifiableCredential', 'BitstringStatusListCredential'], issuer: site.did, validFrom: '2026-06-18T01:00:00Z',
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

const recorded = Date.parse('2026-06-18T01:00:00Z'), proven = recorded / 1000 + 10;
const other = n => leafHash(entryOf(hash(['other', n]), recorded));

/** The log's files. It has before entries, then that of the badge, as of whose proof it ends, and grows by after entries. */
function logged(world) {
  const {log, before, after} = world.logged;
  const entry = entryOf(hash(world.logged.badge || world.badge), recorded, world.logged.kind);
  const leaves = [...Array(before)].map((x, n) => other(n)).concat(leafHash(entry));
  const all = leaves.concat([...Array(after)].map((x, n) => other(before + n)));
  return {
    leaves, all, entry,
    files: {
      [`/c/${number}/certificate.tlog-proof`]: log.proof(entry, before, leaves, proven),
      '/log/checkpoint': log.checkpoint(all, proven + 3600),
      ...log.tiles(all),
    },
  };
}

/** Examines a certificate after change has had its way with what is signed, served and asked. */
async function outcome(change = () => {}) {
  const key = newKey();
  const world = {
    key, badge: badge(), did: didOf(key), numbers: [number], now,
    revocation: list('revocation', false), suspension: list('suspension', false), after: text => text, serve: {},
    logged: {log: newLog('certs.example.org/log'), before: 300, after: 0, change: () => {}},
  };
  change(world);
  const {log} = world.logged, ours = logged(world);
  const files = {
    '/.well-known/did.json': JSON.stringify(world.did),
    '/keys.json': JSON.stringify(world.history || historyOf(key)),
    '/status/revocation/0.json': JSON.stringify(sign(world.revocation, world.listKey || key)),
    '/status/suspension/0.json': JSON.stringify(sign(world.suspension, world.suspensionKey || key)),
    ...ours.files,
    ...world.logged.change(ours, log),
    ...world.serve,
  };
  if (world.history && typeof world.history === 'function') files['/keys.json'] = JSON.stringify(world.history(ours));
  const asked = [];
  const report = await examine({...site, log: log.keys}, async () => world.after(JSON.stringify(sign(world.badge, key))), async (path, raw) => {
    asked.push(path);
    if ((raw === true) !== /tile/.test(path)) throw new Error('asked for in the wrong form');
    if (!files[path]) throw new (files[path] === null ? Absent : Unread)(path);
    return files[path];
  }, world.numbers, world.now);
  return {...report, asked};
}

const results = report => Object.values(report.results).map(r => r.result).join(' ');

const cases = [
  ['a certificate in good standing', 'valid', 'pass pass pass pass pass pass', () => {}],
  ['one that is formatted anew', 'valid', 'pass pass pass pass pass pass', w => { w.after = text => JSON.stringify(JSON.parse(text), null, '\t'); }],
  ['a revoked one', 'revoked', 'pass pass pass pass fail pass', w => { w.revocation = list('revocation', true); }],
  ['a suspended one', 'suspended', 'pass pass pass pass fail pass', w => { w.suspension = list('suspension', true); }],
  ['one both revoked and suspended', 'revoked', 'pass pass pass pass fail pass', w => { w.revocation = list('revocation', true); w.suspension = list('suspension', true); }],
  ['an expired one', 'expired', 'pass pass pass fail pass pass', w => { w.badge.validUntil = '2026-06-18T09:30:00+08:00'; }],
  ['one both expired and revoked', 'revoked', 'pass pass pass fail fail pass', w => { w.badge.validUntil = '2026-05-01T00:00:00Z'; w.revocation = list('revocation', true); }],
  ['one that is not in force yet', 'invalid', 'pass pass pass fail pass pass', w => { w.badge.validFrom = '2026-07-01T00:00:00Z'; }],
  ['one a minute ahead of the visitor’s clock', 'valid', 'pass pass pass pass pass pass', w => { w.now = Date.parse(w.badge.validFrom) - 60000; }],
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
  ['no revocation list', 'unavailable', 'pass pass pass pass skip pass', w => { w.serve['/status/revocation/0.json'] = undefined; }],
  ['no suspension list', 'unavailable', 'pass pass pass pass skip pass', w => { w.serve['/status/suspension/0.json'] = undefined; }],
  ['a revoked one without a suspension list', 'revoked', 'pass pass pass pass fail pass', w => { w.revocation = list('revocation', true); w.serve['/status/suspension/0.json'] = undefined; }],
  ['a list signed by somebody else', 'unavailable', 'pass pass pass pass skip pass', w => { w.listKey = newKey(); }],
  ['the other list in its place', 'unavailable', 'pass pass pass pass skip pass', w => { w.revocation = list('suspension', false); }],
  ['a list that is too short', 'unavailable', 'pass pass pass pass skip pass', w => { w.revocation = list('revocation', false, 16383); }],
  ['a list that is one byte too long', 'unavailable', 'pass pass pass pass skip pass', w => { w.suspension = list('suspension', false, 16385); }],
  ['a list that is far too long', 'unavailable', 'pass pass pass pass skip pass', w => { w.suspension = list('suspension', false, 1 << 20); }],
  ['a list at another address', 'unavailable', 'pass pass pass pass skip pass', w => { w.badge.credentialStatus.statusListCredential = 'https://evil.example/status/revocation/0.json'; }],
  ['a list outside its folder', 'unavailable', 'pass pass pass pass skip pass', w => { w.badge.credentialStatus.statusListCredential = site.base + '/status/revocation/../../x.json'; }],
  ['an entry of another index', 'unavailable', 'pass pass pass pass skip pass', w => { w.badge.credentialStatus.statusListIndex = '1'; }],
  ['an entry beyond the list', 'invalid', 'skip fail skip skip skip skip', w => { w.badge.credentialStatus.statusListIndex = '131072'; }],
  ['no status entry', 'invalid', 'skip fail skip skip skip skip', w => { delete w.badge.credentialStatus; }],
];

const bad = 'pass pass pass pass pass fail', unread = 'pass pass pass pass pass skip';
const stolen = size => w => { // the key was stolen and replaced; the history gives the head of that time
  const next = newKey();
  w.did = didOf(next);
  w.history = ours => historyOf(w.key, next, h => {
    h.keys[0].revoked = {time: '2026-06-18T01:20:00Z', size, root: rootOf(ours.all.slice(0, size)).toString('base64')};
    h.keys.push({id: `${site.did}#${next.name}`, listed: '2026-03-01T00:00:00Z', signs: '2026-06-18T00:59:59Z'});
  });
  w.listKey = w.suspensionKey = next;
};
cases.push(
  ['one in a log that has grown', 'valid', 'pass pass pass pass pass pass', w => { w.logged.after = 900; }],
  ['one in a log that has grown beyond a second level of tiles', 'valid', 'pass pass pass pass pass pass', w => { w.logged.before = 65300; w.logged.after = 700; }],
  ['one whose tile is full by now', 'valid', 'pass pass pass pass pass pass', w => {
    w.logged.after = 3;
    w.logged.change = (ours, log) => ({'/log/tile/0/001': log.tiles(ours.all.concat([...Array(300)].map((x, n) => other(n))))['/log/tile/0/001'], ...drop('/log/tile/0/001.p/48')});
  }],
  ['one with a checkpoint from before it', 'valid', 'pass pass pass pass pass pass', w => { w.logged.change = (ours, log) => ({'/log/checkpoint': log.checkpoint(ours.all.slice(0, 200), proven - 9)}); }],
  ['one that was never logged', 'invalid', bad, w => { w.logged.change = () => drop(`/c/${number}/certificate.tlog-proof`); }],
  ['one whose proof is of another', 'invalid', bad, w => { w.logged.badge = {...w.badge, name: 'x'}; }],
  ['one whose entry is no issue', 'invalid', bad, w => { w.logged.kind = 2; }],
  ['one whose proof was cut', 'invalid', bad, w => { w.logged.change = ours => edit(ours, text => text.slice(0, 200)); }],
  ['one whose proof has another index', 'invalid', bad, w => { w.logged.change = ours => edit(ours, text => text.replace('index 300', 'index 299')); }],
  ['one whose proof has a line too many', 'invalid', bad, w => { w.logged.change = ours => edit(ours, text => text.replace(/\n\n/, `\n${'A'.repeat(43)}=\n\n`)); }],
  ['one whose proof another log signed', 'invalid', bad, w => { w.logged.change = ours => edit(ours, () => newLog('certs.example.org/log').proof(ours.entry, 300, ours.leaves, proven)); }],
  ['one beside another log of the same size', 'invalid', bad, w => { w.logged.change = (ours, log) => ({'/log/checkpoint': log.checkpoint(ours.all.map((leaf, n) => n === 5 ? other(9999) : leaf), proven)}); }],
  ['one missing from a larger log', 'invalid', bad, w => {
    w.logged.after = 700;
    w.logged.change = (ours, log) => {
      const all = ours.all.map((leaf, n) => n === 300 ? other(9999) : leaf);
      return {...log.tiles(all), '/log/checkpoint': log.checkpoint(all, proven)};
    };
  }],
  ['one with a tile that was changed', 'invalid', bad, w => {
    w.logged.after = 700;
    w.logged.change = ours => ({'/log/tile/0/001': ours.files['/log/tile/0/001'].map((b, n) => n === 77 ? b ^ 1 : b)});
  }],
  ['one with a tile missing', 'unavailable', unread, w => { w.logged.after = 700; w.logged.change = () => ({'/log/tile/0/001': undefined}); }],
  ['one with a tile cut short', 'unavailable', unread, w => { w.logged.after = 700; w.logged.change = ours => ({'/log/tile/0/001': ours.files['/log/tile/0/001'].subarray(1)}); }],
  ['one whose proof is not read', 'unavailable', unread, w => { w.logged.change = () => ({[`/c/${number}/certificate.tlog-proof`]: undefined}); }],
  ['one without a checkpoint', 'unavailable', unread, w => { w.logged.change = () => ({'/log/checkpoint': undefined}); }],
  ['one with the checkpoint of another log', 'unavailable', unread, w => { w.logged.change = ours => ({'/log/checkpoint': newLog('certs.example.org/log').checkpoint(ours.all, proven)}); }],
  ['a stolen key’s, logged before the theft', 'valid', 'pass pass pass pass pass pass', w => { w.logged.after = 700; stolen(500)(w); }],
  ['a stolen key’s, the last before the theft', 'valid', 'pass pass pass pass pass pass', stolen(301)],
  ['a stolen key’s, logged after the theft', 'invalid', 'pass pass fail skip skip skip', stolen(300)],
  ['a stolen key’s, never logged', 'invalid', 'pass pass fail skip skip skip', w => { w.logged.change = () => drop(`/c/${number}/certificate.tlog-proof`); stolen(300)(w); }],
  ['a stolen key’s, without a checkpoint', 'unavailable', 'pass pass skip skip skip skip', w => { w.logged.change = () => ({'/log/checkpoint': undefined}); stolen(301)(w); }],
  ['a revoked one that was never logged', 'invalid', 'pass pass pass pass fail fail', w => { w.revocation = list('revocation', true); w.logged.change = () => drop(`/c/${number}/certificate.tlog-proof`); }],
  ['one that was never logged, without lists', 'invalid', 'pass pass pass pass skip fail', w => { w.serve['/status/revocation/0.json'] = undefined; w.logged.change = () => drop(`/c/${number}/certificate.tlog-proof`); }],
);

const drop = path => ({[path]: null});
const edit = (ours, change) => {
  const path = `/c/${number}/certificate.tlog-proof`;
  return {[path]: change(ours.files[path])};
};

for (const [name, verdict, expected, change] of cases) {
  test(`${name}: ${verdict}`, async () => {
    const report = await outcome(change);
    assert.equal(report.verdict, verdict);
    assert.equal(results(report), expected);
    assert.equal(report.problem, undefined);
    assert.equal(report.verified, /^pass pass pass/.test(expected));
    for (const path of report.asked) assert.match(path, /^\/((\.well-known\/did|keys|status\/(revocation|suspension)\/0)\.json|c\/[\w-]+\/(certificate\.tlog-proof|status\.json)|log\/(checkpoint|tile\/[\w\/.]+))$/);
  });
}

test('what the log has is told', async () => {
  const report = await outcome(w => { w.logged.after = 900; });
  assert.deepEqual(report.logged, {index: 300, at: recorded, size: 1201, asOf: (proven + 3600) * 1000, witnesses: ['witness.example/w1']});
  assert.equal(report.asOf, report.lists);
  const lagging = await outcome(w => { w.logged.change = (ours, log) => ({'/log/checkpoint': log.checkpoint(ours.all.slice(0, 200), proven - 9)}); });
  assert.equal(lagging.logged.size, 301);
  const silent = await outcome(w => { w.logged.change = (ours, log) => ({'/log/checkpoint': log.checkpoint(ours.all, proven, log.signers.slice(0, 1))}); });
  assert.deepEqual([silent.verdict, silent.logged.asOf, silent.logged.witnesses], ['valid', undefined, []]);
});

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
