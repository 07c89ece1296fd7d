// SHA-256, Ed25519 and inflate: the browser's own where it has them, else those of the fallback script, which is then
// loaded from the address that the page gives. crypto.subtle is missing outside https, its Ed25519 in older browsers.

import {join} from './bytes.js';

// The element that called this script, which is known only while it starts.
const script = globalThis.document && document.currentScript;

const fallback = () => import(script.dataset.fallback);

/** What reads PDFs and compares copies: few visitors bring one. */
export const copies = () => import(script.dataset.copies);

export async function sha256(bytes) {
  if (globalThis.crypto && crypto.subtle) return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return (await fallback()).sha256(bytes);
}

/** Whether signature is key's over message. */
export async function verifyEd25519(key, signature, message) {
  let imported;
  try {
    imported = await crypto.subtle.importKey('raw', key, {name: 'Ed25519'}, false, ['verify']);
  } catch (e) { // no crypto.subtle, no Ed25519, or bytes that are no key, which the fallback refuses too
    return (await fallback()).verify(signature, message, key);
  }
  return crypto.subtle.verify({name: 'Ed25519'}, imported, signature, message);
}

/** Unpacks a gzip stream of exactly size bytes; throws on any other, and reads no further than size. */
export async function gunzip(packed, size) {
  if (!globalThis.DecompressionStream) return (await fallback()).gunzip(packed, size);
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const parts = [];
  let n = 0;
  while (n <= size) {
    const {value, done} = await reader.read();
    if (done) break;
    parts.push(value);
    n += value.length;
  }
  if (n !== size) {
    reader.cancel().catch(() => {});
    throw new Error('not of the expected size');
  }
  return join(...parts);
}
