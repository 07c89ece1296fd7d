// Everything that is asked about one signed document: does every judge accept it as it is, and does every
// judge refuse it when one character was changed.
import './offline.mjs';
import * as dcc from './dcc.mjs';
import * as digitalbazaar from './digitalbazaar.mjs';
import * as shape from './shape.mjs';
import {changedFacts, changedProof} from './change.mjs';
import {takeRefused} from './offline.mjs';

const alone = {
  rdfc: document => digitalbazaar.verify(document, ['rdfc'], 'skip'),
  jcs: document => digitalbazaar.verify(document, ['jcs'], 'skip'),
};

/**
 * Yields {judge, ok, why} for document as it was published. The order of the proofs is judged here because
 * 1EdTech's validator, which takes the first one for eddsa-rdfc-2022, does not run on Node.
 */
export async function* acceptance(document) {
  const judges = {
    'both suites': () => digitalbazaar.verify(document, ['rdfc', 'jcs']),
    'rdfc alone': () => digitalbazaar.verify(document, ['rdfc']),
    'jcs alone': () => digitalbazaar.verify(document, ['jcs']),
    'verifier-core': () => dcc.verify(document),
    'learncard types': () => shape.check(document),
  };
  takeRefused();
  for (const [judge, verify] of Object.entries(judges)) {
    const {ok, why} = await verify();
    yield {judge, ok, why};
  }
  const order = [document.proof].flat().map(proof => proof.cryptosuite).join(' ');
  yield {judge: 'proof order', ok: order === 'eddsa-rdfc-2022 eddsa-jcs-2022', why: order};
  const foreign = takeRefused().filter(url => url !== dcc.schemaAddress);
  yield {judge: 'no foreign request', ok: foreign.length === 0, why: foreign.join(' ')};
}

/**
 * Yields {judge, ok, why, changes} per judge: ok means that every one of so many changed documents was
 * refused; why names the places whose change went unnoticed.
 */
export async function* refusal(document) {
  const facts = [...changedFacts(document)];
  const core = [...facts, ...changedProof(document, 'eddsa-rdfc-2022')];
  yield await refuses('rdfc alone', alone.rdfc, document, core);
  yield await refuses('jcs alone', alone.jcs, document, [...facts, ...changedProof(document, 'eddsa-jcs-2022')]);
  yield await refuses('verifier-core', dcc.verify, document, core);
  takeRefused(); // a changed context or key address is looked for in vain
}

// The document as it was comes first: a judge that refuses everything has noticed nothing.
async function refuses(judge, verify, original, changes) {
  const before = await verify(original);
  const unnoticed = before.ok ? [] : [`nothing: it is refused as it was (${before.why})`];
  for (const {path, document} of changes) {
    if ((await verify(document)).ok) unnoticed.push(path);
  }
  const why = unnoticed.length ? `not noticed: ${unnoticed.join(', ')}` : '';
  return {judge: `${judge}, one character changed`, ok: changes.length > 0 && why === '', why, changes: changes.length};
}
