// Files of the page's own origin. No address that stands in a document is ever fetched.

import {Unread} from './examine.js';
import {fromUTF8} from './bytes.js';

const most = 1 << 20;     // bytes: no signed document is larger
const patience = 20000;   // milliseconds

/** The text of a file, by a path on this origin. Throws Unread. */
export async function fetchText(path) {
  const url = new URL(path, location.href);
  if (url.origin !== location.origin) throw new Unread('not of this origin');
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), patience);
  try {
    const answer = await fetch(url, {cache: 'no-cache', credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer', signal: control.signal});
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (bytes.length > most) throw new Error('too large');
    const text = fromUTF8(bytes);
    // Some hosts answer with a page of theirs where a file is missing.
    if (/^\s*</.test(text)) throw new Error('a web page instead of the file');
    return text;
  } catch (e) {
    throw new Unread(`${path}: ${e.message}`);
  } finally {
    clearTimeout(timer);
  }
}
