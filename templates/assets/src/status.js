// The issuer's signed lists of revoked and of suspended certificates (Bitstring Status List v1.0).

import {fromBase64url} from './bytes.js';
import {gunzip} from './engine.js';
import {checkProof} from './proof.js';

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
  const proof = await checkProof(json);
  const key = proof && keys(proof);
  if (!key || key.root || json.issuer !== site.did || json.id !== site.base + path ||
      subject.type !== 'BitstringStatusList' || subject.statusPurpose !== purpose || subject.encodedList[0] !== 'u') {
    throw new Error('not the issuer’s list');
  }
  // The first bit is the most significant one of the first byte.
  const bits = await gunzip(fromBase64url(subject.encodedList.slice(1)), listBits / 8);
  return {set: (bits[index >> 3] >> (7 - index % 8) & 1) === 1, asOf: proof.created};
}
