// The issuer's did.json: which keys it publishes for signing.

/** Whether did.json, parsed, is that of the issuer did and gives the key that method names for assertions. */
export function publishes(json, did, method) {
  if (!json || json.id !== did || !Array.isArray(json.verificationMethod) || !Array.isArray(json.assertionMethod)) return false;
  const [owner, key] = method.split('#');
  const named = json.verificationMethod.filter(m => m && m.id === method);
  return owner === did && json.assertionMethod.includes(method) && named.length === 1 &&
    named[0].type === 'Multikey' && named[0].controller === did && named[0].publicKeyMultibase === key;
}
