// What is loaded when a picture or a PDF is dropped: the reading of PDFs, and the comparison with what is published. It
// touches the page only by the elements that the page's own script hands over.

import {same} from './bytes.js';
import {attached} from './pdf.js';

/** The bytes of the credential that a PDF carries, null for none; throws where the PDF cannot be read. */
export const credentialIn = pdf => attached(pdf, 'credential.json');

/**
 * Compares a copy with the published file at a path of this origin: 'same', 'differs', or null where that cannot be had.
 * A copy that differs may be an older genuine one, so this is no verdict.
 */
export async function compare(bytes, path) {
  try {
    const answer = await fetch(path, {cache: 'no-cache', credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer'});
    if (!answer.ok) return null;
    const published = new Uint8Array(await answer.arrayBuffer());
    if (!same(published.subarray(0, 4), bytes.subarray(0, 4))) return null; // a web page in its place
    return same(published, bytes) ? 'same' : 'differs';
  } catch (e) {
    return null;
  }
}
