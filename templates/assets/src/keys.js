// The issuer's keys: did.json gives those that count now, keys.json when each was in force and which was stolen.

import {checkProof} from './proof.js';
import {readInstant} from './dates.js';

/** Whether did.json, parsed, is that of the issuer did and gives the key that method names for assertions. */
export function publishes(json, did, method) {
  if (!json || json.id !== did || !Array.isArray(json.verificationMethod) || !Array.isArray(json.assertionMethod)) return false;
  const [owner, key] = method.split('#');
  const named = json.verificationMethod.filter(m => m && m.id === method);
  return owner === did && json.assertionMethod.includes(method) && named.length === 1 &&
    named[0].type === 'Multikey' && named[0].controller === did && named[0].publicKeyMultibase === key;
}

/**
 * Reads did.json and keys.json, parsed. The answer judges a proof {method, created (ms)}: undefined where its key is none
 * of the issuer's or was not in force; what the history says of the theft, {size, root}, where it was stolen; else {}.
 * Throws where the history is not signed by the key that is in force in it.
 */
export async function readKeys(did, history, site) {
  const proof = await checkProof(history);
  const signing = history.keys.filter(k => k.signs && !k.retired && !k.revoked);
  if (!proof || history.type !== 'LaurelKeys' || history.version !== 1 || history.id !== site.base + '/keys.json' ||
      signing.length !== 1 || signing[0].id !== proof.method || !publishes(did, site.did, proof.method)) throw new Error('not the issuer’s keys');
  return ({method, created}) => {
    const key = history.keys.find(k => k.id === method);
    // From when a key is listed it may sign: caches may still have the history of the minutes before it did.
    if (!key || !(created >= readInstant(key.listed)) || created > readInstant(key.retired)) return;
    return key.revoked || (publishes(did, site.did, method) ? {} : undefined);
  };
}
