// The issuer's signed lists of revoked and of suspended certificates (Bitstring Status List v1.0), and its signed statements
// on one of them.

import {fromBase64url} from './bytes.js';
import {gunzip} from './engine.js';
import {checkProof} from './proof.js';
import {readInstant} from './dates.js';

export const listBits = 131072;

/**
 * The numbered pair of lists that a credential names: [path of the revocation list, of the suspension list], or null
 * where the address is not one of the issuer's. Only the path is used, on the page's own origin.
 */
export function listPaths(url, base) {
  const found = url.startsWith(base + '/') && /^\/status\/revocation\/(0|[1-9]\d{0,9})\.json$/.exec(url.slice(base.length));
  return found ? ['revocation', 'suspension'].map(purpose => `/status/${purpose}/${found[1]}.json`) : null;
}

/** Looks a certificate up in a parsed list: {set, asOf (ms)}. Throws where it is not that list, signed by the issuer. */
export async function lookUp(json, path, site, keys, index) {
  const purpose = path.split('/')[2];
  const {credentialSubject: subject} = json;
  const asOf = readInstant(json.validFrom);
  if (!await signed(json, path, site, keys) || isNaN(asOf) || subject.type !== 'BitstringStatusList' || subject.statusPurpose !== purpose || subject.encodedList[0] !== 'u') throw new Error('not the issuer’s list');
  // The first bit is the most significant one of the first byte.
  const bits = await gunzip(fromBase64url(subject.encodedList.slice(1)), listBits / 8);
  return {set: (bits[index >> 3] >> (7 - index % 8) & 1) === 1, asOf};
}

/**
 * The last statement on a certificate, from its parsed status.json: {status, reason, time, replacement, at (ms)}. Throws
 * where that is not the issuer's, or of another certificate than that of a number and, where it is known, of an index in its list.
 */
export async function lastWord(json, {number, index}, site, keys) {
  const [word] = json.statements.slice(-1);
  if (!await signed(json, `/c/${number}/status.json`, site, keys) || json.type !== 'LaurelStatus' || json.version !== 1 ||
      index !== undefined && Number(word.statusListIndex) !== index) throw new Error('not the issuer’s statements');
  return {...word, at: readInstant(word.time)};
}

// Whether the issuer signed a document that belongs at a path, with a key that is not stolen.
async function signed(json, path, site, keys) {
  const proof = await checkProof(json);
  const key = proof && keys(proof);
  return key && !key.root && json.issuer === site.did && json.id === site.base + path;
}
