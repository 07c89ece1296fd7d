// Import this first. It takes the network away from every library of this process and answers from a
// folder instead: an address under the base is the file of the same path, served with the media type
// that a static host would give it. Whatever else is asked for is noted and refused.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import {webcrypto} from 'node:crypto';

globalThis.crypto ??= webcrypto; // Node 18

const tree = {dir: '', base: ''};
const refused = new Set();

/** Serves dir as the site whose base address is base. */
export function serveTree(dir, base) {
  tree.dir = path.resolve(dir);
  tree.base = base.replace(/\/$/, '');
}

/** The addresses that were asked for and do not belong to the site, since the last call. */
export function takeRefused() {
  const list = [...refused].sort();
  refused.clear();
  return list;
}

/** The file of the tree that url names, or null. */
export function treeFile(url) {
  if (!url.startsWith(tree.base + '/')) return null;
  const file = path.join(tree.dir, decodeURIComponent(new URL(url).pathname));
  return file.startsWith(tree.dir + path.sep) ? file : null;
}

globalThis.fetch = async function fetchFromTree(input) {
  const url = String(input?.url ?? input);
  const file = treeFile(url);
  if (file === null) {
    refused.add(url);
    throw new TypeError(`no network here: ${url}`);
  }
  try {
    const body = fs.readFileSync(file);
    const type = file.endsWith('.json') ? 'application/json' : 'application/octet-stream';
    return new Response(body, {status: 200, headers: {'content-type': type}});
  } catch {
    return new Response('not found', {status: 404, headers: {'content-type': 'text/plain'}});
  }
};

// A library that does not go through fetch finds no socket either.
net.Socket.prototype.connect = function connectNowhere(...args) {
  const where = JSON.stringify(args[0]?.[0] ?? args[0]);
  refused.add(`socket ${where}`);
  throw new Error(`no network here: socket ${where}`);
};
