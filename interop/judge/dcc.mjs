// The verifier core of the Digital Credentials Consortium, which knows eddsa-rdfc-2022 alone. Its schema
// and issuer registry look-ups need the network and say nothing about our signature: what is judged is
// signature, expiry and status.
import './offline.mjs';
import {verifyCredential} from '@digitalcredentials/verifier-core';

/** The schema that it wants to fetch for an Open Badges 3.0 credential. */
export const schemaAddress =
  'https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json';

/** Answers {ok, why}. */
export async function verify(credential) {
  const result = await quietly(() =>
    verifyCredential({credential: structuredClone(credential), knownDIDRegistries: []}));
  if (result.errors) return {ok: false, why: result.errors.map(e => `${e.name}: ${e.message}`).join('; ')};
  const steps = new Map(result.log.map(step => [step.id, step]));
  const wanted = ['valid_signature', 'expiration'];
  if (credential.credentialStatus) wanted.push('revocation_status');
  const failed = wanted.filter(id => steps.get(id)?.valid !== true);
  const why = failed.map(id => `${id}: ${JSON.stringify(steps.get(id) ?? 'missing')}`).join('; ');
  return {ok: failed.length === 0, why};
}

// It prints each schema that it could not fetch.
async function quietly(work) {
  const {log, error} = console;
  console.log = console.error = () => {};
  try {
    return await work();
  } finally {
    Object.assign(console, {log, error});
  }
}
