// For browsers that lack a part of WebCrypto or DecompressionStream; loaded only there. See engine.js.

import {hashes, verify as verifyStrictly} from '@noble/ed25519';
import {sha256, sha512} from '@noble/hashes/sha2.js';
import {Gunzip} from 'fflate';

hashes.sha512 = sha512;

export {sha256};

/** RFC 8032 rather than ZIP215, as browsers do. */
export function verify(signature, message, key) {
  try {
    return verifyStrictly(signature, message, key, {zip215: false});
  } catch (e) { // bytes that are no key or no signature
    return false;
  }
}

/** Unpacks a gzip stream of exactly size bytes. Input goes in by small pieces, so that output stops soon after size. */
export function gunzip(packed, size) {
  const out = new Uint8Array(size);
  let n = 0;
  const stream = new Gunzip(part => {
    if (n + part.length <= size) out.set(part, n);
    n += part.length;
  });
  for (let at = 0; at < packed.length && n <= size; at += 64) stream.push(packed.subarray(at, at + 64), at + 64 >= packed.length);
  if (n !== size) throw new Error('not of the expected size');
  return out;
}
