// Asks foreign verifiers what they make of a published tree.
//
//   node judge.mjs --tree DIR [--base https://certs.example.org] [--accept-only] [--pictures]
//
// Every certificate and every status list goes to @digitalbazaar/vc (both cryptosuites, each alone), to
// @digitalcredentials/verifier-core and to @learncard/types; then again with one character changed, for
// each signed value in turn. With --pictures the QR code of every certificate.png must read as the page's
// address, and the credential baked into it must be the published one. Prints a line of JSON per document and judge, and a last one with the sums;
// exits 1 if any judge accepted what it should refuse, or refused what it should accept.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {Worker} from 'node:worker_threads';

const {values: options} = parseArgs({
  options: {
    tree: {type: 'string'},
    base: {type: 'string', default: 'https://certs.example.org'},
    'accept-only': {type: 'boolean', default: false},
    pictures: {type: 'boolean', default: false},
  },
});
if (!options.tree) {
  console.error('usage: node judge.mjs --tree DIR [--base URL] [--accept-only] [--pictures]');
  process.exit(2);
}

const queue = documents(options.tree);
if (queue.length === 0) {
  console.error(`${options.tree}: no certificate and no status list`);
  process.exit(1);
}
const sums = {documents: queue.length, judgements: 0, changes: 0, problems: 0};
await Promise.all(Array.from({length: Math.min(os.cpus().length, queue.length)}, thread));
console.log(JSON.stringify({sums}));
process.exitCode = sums.problems > 0 ? 1 : 0;

/** The signed documents of a tree that are verifiable credentials, as paths with slashes, lists first. */
function documents(tree) {
  const names = dir => {
    try {
      return fs.readdirSync(path.join(tree, dir)).sort();
    } catch (error) {
      if (error.code === 'ENOENT') return [];
      throw error;
    }
  };
  const lists = ['revocation', 'suspension'].flatMap(purpose =>
    names(`status/${purpose}`).map(name => `status/${purpose}/${name}`));
  return [...lists, ...names('c').map(number => `c/${number}/credential.json`)];
}

/** Runs one thread until the queue is empty. */
function thread() {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('judge/worker.mjs', import.meta.url), {
      workerData: {
        tree: options.tree,
        base: options.base,
        changes: !options['accept-only'],
        pictures: options.pictures,
      },
    });
    const next = () => (queue.length ? worker.postMessage(queue.shift()) : worker.terminate().then(resolve));
    worker.on('message', lines => {
      lines.forEach(report);
      next();
    });
    worker.on('error', reject);
    next();
  });
}

function report(line) {
  sums.judgements++;
  sums.changes += line.changes ?? 0;
  if (!line.ok) sums.problems++;
  console.log(JSON.stringify(line));
}
