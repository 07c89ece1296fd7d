// A log made and signed here, without the product's own code.
import nodeCrypto from 'node:crypto';

const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), nodeCrypto.createHash('sha256')).digest();
const node = (a, b) => sha256(Buffer.from([1]), a, b);
export const leafHash = entry => sha256(Buffer.from([0]), entry);

/** The root over leaves (RFC 6962 §2.1). */
export function rootOf(leaves) {
  if (leaves.length === 1) return leaves[0];
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return node(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** The audit path of a leaf (RFC 6962 §2.1.1). */
function pathOf(index, leaves) {
  if (leaves.length === 1) return [];
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return index < k ? [...pathOf(index, leaves.slice(0, k)), rootOf(leaves.slice(k))] : [...pathOf(index - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}

/** 50 bytes: an issue at a time with a digest. */
export function entryOf(digest, at, kind = 1) {
  const b = Buffer.alloc(18, 255);
  b[0] = 1;
  b[1] = kind;
  b.writeBigUInt64BE(BigInt(at), 2);
  return Buffer.concat([b, digest]);
}

/** A key of a log (type 1) or a cosigner (type 4): its text, and what signs the text of a checkpoint. */
export function newNoteKey(name, type) {
  const {publicKey, privateKey} = nodeCrypto.generateKeyPairSync('ed25519');
  const raw = Buffer.concat([Buffer.from([type]), publicKey.export({format: 'der', type: 'spki'}).subarray(-32)]);
  const id = sha256(Buffer.from(name + '\n'), raw).subarray(0, 4);
  return {
    text: `${name}+${id.toString('hex')}+${raw.toString('base64')}`,
    line(body, seconds) {
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(BigInt(seconds));
      const message = type === 4 ? `cosignature/v1\ntime ${seconds}\n${body}` : body;
      const signature = nodeCrypto.sign(null, Buffer.from(message), privateKey);
      return `— ${name} ${Buffer.concat([id, ...type === 4 ? [time] : [], signature]).toString('base64')}\n`;
    },
  };
}

export function newLog(origin) {
  const keys = [newNoteKey(origin, 1), newNoteKey(origin + '/cosigner', 4), newNoteKey('witness.example/w1', 4)];
  const checkpoint = (leaves, seconds, signers = keys) => {
    const body = `${origin}\n${leaves.length}\n${rootOf(leaves).toString('base64')}\n`;
    return body + '\n' + signers.map(key => key.line(body, seconds)).join('');
  };
  return {
    keys: keys.map(k => k.text), signers: keys, checkpoint,
    proof: (entry, index, leaves, seconds) => ['c2sp.org/tlog-proof@v1', 'extra ' + entry.toString('base64'), 'index ' + index,
      ...pathOf(index, leaves).map(h => h.toString('base64')), '', ''].join('\n') + checkpoint(leaves, seconds),
    tiles(leaves) {
      const files = {};
      for (let level = 0; leaves.length; level++) {
        const above = [];
        for (let n = 0; n * 256 < leaves.length; n++) {
          const row = leaves.slice(n * 256, n * 256 + 256);
          files[`/log/tile/${level}/${String(n).padStart(3, '0')}${row.length < 256 ? '.p/' + row.length : ''}`] = new Uint8Array(Buffer.concat(row));
          if (row.length === 256) above.push(rootOf(row));
        }
        leaves = above;
      }
      return files;
    },
  };
}
