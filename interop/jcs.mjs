// The browser's canonical JSON in one long-lived process, for comparison with the one in Go. Reads a line
// per input, the bytes in base64, and answers a line each: {"jcs": base64} or {"refused": why}.
import readline from 'node:readline';
import {canonicalize} from '../templates/assets/src/jcs.js';

const encoder = new TextEncoder();

for await (const line of readline.createInterface({input: process.stdin})) {
  process.stdout.write(JSON.stringify(answer(Buffer.from(line, 'base64'))) + '\n');
}

// The page decodes what it fetched the same way: bytes that are no UTF-8 are refused, and a byte order
// mark is not taken away.
function answer(bytes) {
  try {
    const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
    return {jcs: Buffer.from(encoder.encode(canonicalize(text))).toString('base64')};
  } catch (error) {
    return {refused: error.message};
  }
}
