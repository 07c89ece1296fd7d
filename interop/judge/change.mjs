// Every way to change one character of what a document signs.

/**
 * The documents that differ from the given one in one signed value: of each string outside the proofs one
 * character, of anything else the value. Yields {path, document}.
 */
export function* changedFacts(document) {
  for (const {path, value} of leaves(document)) {
    if (path[0] !== 'proof') yield {path: path.join('.'), document: set(document, path, changed(value))};
  }
}

/** The same for the options and the value of the proof made with cryptosuite. */
export function* changedProof(document, cryptosuite) {
  const index = document.proof.findIndex(p => p.cryptosuite === cryptosuite);
  if (index < 0) throw new Error(`no ${cryptosuite} proof`);
  for (const {path, value} of leaves(document.proof[index])) {
    const full = ['proof', index, ...path];
    yield {path: full.join('.'), document: set(document, full, changed(value))};
  }
}

function* leaves(value, path = []) {
  if (value === null || typeof value !== 'object') {
    yield {path, value};
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    yield* leaves(child, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

// A letter becomes its neighbour, a digit the next one; the place moves with the length, so that over many
// documents every part of a value is hit.
function changed(value) {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (value === null) return '';
  const runes = [...value];
  if (runes.length === 0) return 'x';
  const at = (runes.length * 7 + 3) % runes.length;
  runes[at] = other(runes[at]);
  return runes.join('');
}

function other(rune) {
  if (rune >= '0' && rune <= '8') return String(Number(rune) + 1);
  if (rune === '9') return '0';
  if (rune === 'z' || rune === 'Z') return 'y';
  return String.fromCodePoint(rune.codePointAt(0) + 1);
}

function set(document, path, value) {
  const copy = structuredClone(document);
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key];
  at[path.at(-1)] = value;
  return copy;
}
