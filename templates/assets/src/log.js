// The public log: C2SP tlog-proof, tlog-checkpoint, tlog-cosignature and tlog-tiles, with the hashes of RFC 6962.

import {Absent, Unread} from './examine.js';
import {fromBase64, join, same, toBase64, utf8} from './bytes.js';
import {sha256, verifyEd25519} from './engine.js';

/** Thrown where the log contradicts a certificate; the message is why: missing, differs or fork. */
export class Refuted extends Error {}

const hashSize = 32;
const node = (left, right) => sha256(join([1], left, right));
const half = n => Math.floor(n / 2);
const number = (bytes, at) => Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at));

// A number of the format: no sign, no leading zero, and small enough to count with.
const count = text => /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : NaN;

/** The entry of a certificate by its own inclusion proof: {index, at (ms), leaf, path, note}. Throws Refuted. */
export async function readEntry(fetched, certificate, digest) {
  const text = await fetched(`/c/${certificate}/certificate.tlog-proof`).catch(e => { throw e instanceof Absent ? new Refuted('missing') : e; });
  try {
    const cut = text.indexOf('\n\n');
    const [header, extra, index, ...path] = text.slice(0, cut).split('\n');
    const bytes = fromBase64(extra.slice(6));
    const entry = {index: count(index.slice(6)), at: number(bytes, 2), path: path.map(fromBase64), note: text.slice(cut + 2)};
    if (header === 'c2sp.org/tlog-proof@v1' && bytes.length === 50 && bytes[0] === 1 && bytes[1] === 1 && entry.index >= 0 &&
        same(bytes.slice(18), digest)) return {...entry, leaf: await sha256(join([0], bytes))};
  } catch (e) { /* not a proof */ }
  throw new Refuted('differs');
}

/**
 * Follows an entry from its proof into the current checkpoint. keys are texts: the log's, its cosigner's, witnesses'. The
 * answer: {index, at, size, asOf (ms; undefined where the cosigner did not sign), witnesses: [name, …]}. A smaller
 * checkpoint is an old copy and says nothing; one of the same size with another root, or a larger one without the entry,
 * is another log. Throws Refuted.
 */
export async function follow(entry, keys, fetched) {
  const proven = await open(entry.note, keys);
  if (!proven || toBase64(await rootOf(entry, proven.size)) !== proven.root) throw new Refuted('differs');
  const now = await current(keys, fetched);
  if (now.size === proven.size ? now.root !== proven.root : now.size > proven.size && !await isIn(entry, now, now.size, fetched)) {
    throw new Refuted('fork');
  }
  const {size, asOf, witnesses} = now.size < proven.size ? proven : now;
  return {index: entry.index, at: entry.at, size, asOf, witnesses};
}

/** The current checkpoint: {size, root (base64), asOf, witnesses}. */
export async function current(keys, fetched) {
  const now = await open(await fetched('/log/checkpoint'), keys);
  if (!now) throw new Unread('not the log’s checkpoint');
  return now;
}

/** Whether an entry is in the tree of a head {size, root}, by the tiles of a tree of tiled entries, which is as large or larger. */
export async function isIn(entry, {size, root}, tiled, fetched) {
  const tiles = {};
  const tile = (level, n, width) => tiles[[level, n]] ||= readTile(level, n, width, fetched);

  // The hash of the entries lo to hi, whose number is a power of two.
  const stored = async (lo, hi) => {
    let level = 0, n = lo, w = hi - lo;
    for (; w >= 256; w /= 256) level++;
    n /= 256 ** level;
    const at = n % 256, place = Math.floor(n / 256);
    const data = await tile(level, place, Math.min(256, Math.floor(tiled / 256 ** level) - place * 256));
    return tree(data.subarray(at * hashSize, (at + w) * hashSize));
  };
  const over = async (lo, hi) => {
    const inside = lo <= entry.index && entry.index < hi, n = hi - lo;
    if (inside && n === 1) return entry.leaf;
    let k = 1;
    while (2 * k < n) k *= 2;
    if (!inside && (n === 1 || 2 * k === n)) return stored(lo, hi);
    return node(...await Promise.all([over(lo, lo + k), over(lo + k, hi)]));
  };
  return entry.index < size && toBase64(await over(0, size)) === root;
}

// The root over hashes, whose number is a power of two.
async function tree(hashes) {
  if (hashes.length === hashSize) return hashes;
  const middle = hashes.length / 2;
  return node(await tree(hashes.subarray(0, middle)), await tree(hashes.subarray(middle)));
}

// A tile that is not full may be gone once the full one stands there, which begins with it.
async function readTile(level, n, width, fetched) {
  let path = String(n % 1000).padStart(3, '0');
  for (let rest = n; (rest = Math.floor(rest / 1000));) path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  path = `/log/tile/${level}/${path}`;
  const data = width === 256 ? await fetched(path, true) : await fetched(`${path}.p/${width}`, true).catch(e => {
    if (e instanceof Absent) return fetched(path, true);
    throw e;
  });
  if (data.length < width * hashSize) throw new Unread(path + ': too short');
  return data;
}

// The root of a tree of that size to which a proof leads (RFC 9162 §2.1.3.2).
async function rootOf({index, path, leaf}, size) {
  let at = index, last = size - 1, hash = leaf;
  if (at > last) throw new Refuted('differs');
  for (const sibling of path) {
    if (!last) throw new Refuted('differs');
    if (at % 2 || at === last) {
      hash = await node(sibling, hash);
      for (; at && !(at % 2); at = half(at)) last = half(last);
    } else {
      hash = await node(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  if (last) throw new Refuted('differs');
  return hash;
}

// A checkpoint, if the log signed it, and who else did.
async function open(note, [log, cosigner, ...witnesses]) {
  const [origin, size, root, end] = note.split('\n');
  const known = key => signed(note, key).catch(() => 0);
  if (origin !== log.split('+')[0] || !(count(size) >= 0) || end !== '' || !await known(log)) return null;
  const seen = await Promise.all(witnesses.map(known));
  return {size: Number(size), root, asOf: await known(cosigner) || undefined, witnesses: witnesses.filter((w, i) => seen[i]).map(w => w.split('+')[0])};
}

// When a note was signed by a verifier key, in ms: for a log, which gives no time, 1; 0 where it was not.
async function signed(note, text) {
  const [name, id, ...key] = text.split('+');
  const [type, ...point] = fromBase64(key.join('+'));
  const cut = note.indexOf('\n\n') + 1;
  for (const line of note.slice(cut + 1).split('\n')) {
    const [dash, who, value] = line.split(' ');
    if (dash !== '—' || who !== name) continue;
    const bytes = fromBase64(value), timed = type === 4;
    const seconds = timed && number(bytes, 4);
    const body = (timed ? `cosignature/v1\ntime ${seconds}\n` : '') + note.slice(0, cut);
    if (parseInt(id, 16) === new DataView(bytes.buffer).getUint32(0) &&
        await verifyEd25519(Uint8Array.from(point), bytes.slice(timed ? 12 : 4), utf8(body))) return timed ? seconds * 1000 : 1;
  }
  return 0;
}
