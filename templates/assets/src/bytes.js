// Bytes and the texts that stand for them.

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The bytes of a base58btc multibase text ("z…"), or null. */
export function fromMultibase(text) {
  if (typeof text !== 'string' || text[0] !== 'z' || text.length > 128) return null;
  const bytes = []; // least significant first
  let zeros = 0;
  for (const c of text.slice(1)) {
    let carry = base58.indexOf(c);
    if (carry < 0) return null;
    if (!carry && !bytes.length) zeros++;
    else {
      for (let i = 0; i < bytes.length; i++, carry >>= 8) {
        carry += bytes[i] * 58;
        bytes[i] = carry & 255;
      }
      for (; carry; carry >>= 8) bytes.push(carry & 255);
    }
  }
  return Uint8Array.from([...Array(zeros).fill(0), ...bytes.reverse()]);
}

/** The bytes of a base64url text without padding; throws if it is none. */
export function fromBase64url(text) {
  if (!/^[\w-]*$/.test(text)) throw new Error('not base64url');
  return fromBase64(text.replace(/-/g, '+').replace(/_/g, '/'));
}

/** The bytes of a base64 text; throws if it is none. */
export const fromBase64 = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));

export const toBase64 = bytes => btoa(String.fromCharCode(...bytes));

export const utf8 = text => new TextEncoder().encode(text);

/** The text of UTF-8 bytes; throws on anything else. A byte order mark stays, for the reader of JSON to refuse. */
export const fromUTF8 = bytes => new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);

export function join(...parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
}

export const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
