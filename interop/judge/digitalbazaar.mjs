// The verifier of Digital Bazaar, with both cryptosuites or one alone. A proof set passes there when one
// of its proofs does, so the number of proofs that passed is part of the answer.
import './offline.mjs';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {createVerifyCryptosuite as createJcs} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as rdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {verifyCredential} from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {documentLoader} from './loader.mjs';

const suites = {
  rdfc: () => new DataIntegrityProof({cryptosuite: rdfc}),
  jcs: () => new DataIntegrityProof({cryptosuite: createJcs()}),
};

/**
 * Verifies credential by the suites named, "rdfc" and "jcs".
 * Answers {ok, proofs, revoked, why}: ok means that every suite's proof passed and, where the credential
 * has a status and status is not "skip", that the list verified too.
 */
export async function verify(credential, names, status = 'check') {
  const suite = names.map(name => suites[name]());
  const document = status === 'skip' ? credential : structuredClone(credential);
  const result = await verifyCredential({
    credential: document,
    suite,
    documentLoader,
    checkStatus: status === 'skip' ? () => ({verified: true}) : checkStatus,
  });
  const proofs = (result.results ?? []).filter(r => r.verified).length;
  const revoked = (result.statusResult?.results ?? []).some(r => r.status);
  const ok = result.verified === true && proofs === names.length && !revoked;
  return {ok, proofs, revoked, why: ok ? '' : reason(result)};
}

function reason(result) {
  const errors = [result.error, ...(result.error?.errors ?? []), result.statusResult?.error];
  const text = errors.filter(Boolean).map(e => e.message).join('; ');
  return text || JSON.stringify(result);
}
