// Compares N-Quads with those of jsonld.js. Reads lines {"doc": …, "nquads": "…"} on standard input, doc a
// JSON-LD document or its text, and canonicalises each by RDFC-1.0 in safe mode. Prints a line
// {"line", "got", "want"} or {"line", "error"} per mismatch and {"compared", "mismatches"} at the end;
// exits 1 if there was a mismatch, or nothing to compare.
import './judge/offline.mjs';
import jsonld from 'jsonld';
import readline from 'node:readline';
import {documentLoader} from './judge/loader.mjs';

let compared = 0;
let mismatches = 0;
const mismatch = what => {
  mismatches++;
  console.log(JSON.stringify({line: compared, ...what}));
};

for await (const line of readline.createInterface({input: process.stdin})) {
  if (line.trim() === '') continue;
  compared++;
  try {
    const {doc, nquads: got} = JSON.parse(line);
    const want = await jsonld.canonize(typeof doc === 'string' ? JSON.parse(doc) : doc, {
      algorithm: 'RDFC-1.0',
      format: 'application/n-quads',
      base: null,
      safe: true,
      documentLoader,
    });
    if (got !== want) mismatch({got, want});
  } catch (error) {
    mismatch({error: error.message, details: error.details});
  }
}
console.log(JSON.stringify({compared, mismatches}));
process.exitCode = mismatches > 0 || compared === 0 ? 1 : 0;
