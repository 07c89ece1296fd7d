// Data Integrity proofs of the suite eddsa-jcs-2022 (VC-DI-EDDSA §3.3).

import {serialize} from './jcs.js';
import {fromMultibase, join, utf8} from './bytes.js';
import {sha256, verifyEd25519} from './engine.js';
import {readInstant} from './dates.js';

const suite = 'eddsa-jcs-2022';

/**
 * Checks the one eddsa-jcs-2022 proof of a document against the key that its verification method names: a did:web
 * with a Multikey as its fragment. Whether the issuer publishes that key is another question. The answer is
 * {method, created (ms), digest (of the document without its proofs)}, or null for anything but one good proof.
 */
export async function checkProof(document) {
  const {proof: proofs, ...content} = document;
  if (!Array.isArray(proofs)) return null;
  const ours = proofs.filter(p => p && p.cryptosuite === suite);
  if (ours.length !== 1) return null;
  const {proofValue, ...config} = ours[0];
  const {verificationMethod: method} = config;
  const created = readInstant(config.created);
  // The proof repeats the document's contexts, all of them, so that no context stands outside what is signed (§3.3.2).
  if (config.type !== 'DataIntegrityProof' || config.proofPurpose !== 'assertionMethod' || typeof method !== 'string' ||
      isNaN(created) || serialize(config['@context'] || null) !== serialize(content['@context'] || null)) return null;
  const key = fromMultikey(method.slice(method.indexOf('#') + 1));
  const signature = fromMultibase(proofValue);
  if (!key || !signature || signature.length !== 64) return null;
  const digest = await sha256(utf8(serialize(content)));
  const message = join(await sha256(utf8(serialize(config))), digest);
  return await verifyEd25519(key, signature, message) ? {method, created, digest} : null;
}

/** The 32 bytes of an Ed25519 Multikey ("z6Mk…"), or null. */
function fromMultikey(text) {
  const bytes = fromMultibase(text);
  return bytes && bytes.length === 34 && bytes[0] === 0xed && bytes[1] === 1 ? bytes.slice(2) : null;
}
