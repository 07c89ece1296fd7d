// Files of the page's own origin. No address that stands in a document is ever fetched.

import {Absent, Unread} from './examine.js';
import {fromUTF8} from './bytes.js';

const most = 1 << 20;     // bytes: no signed document is larger
const patience = 20000;   // milliseconds

/** The text of a file, or as raw its bytes, by a path on this origin. Throws Unread, or Absent where there is none. */
export async function fetchText(path, raw) {
  const url = new URL(path, location.href);
  if (url.origin !== location.origin) throw new Unread('not of this origin');
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), patience);
  try {
    const answer = await fetch(url, {cache: 'no-cache', credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer', signal: control.signal});
    if (answer.status === 404 || answer.status === 410) throw new Absent(path);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (bytes.length > most) throw new Error('too large');
    if (raw) return bytes;
    const text = fromUTF8(bytes);
    // Some hosts answer with a page of theirs where a file is missing.
    if (/^\s*</.test(text)) throw new Error('a web page instead of the file');
    return text;
  } catch (e) {
    throw e instanceof Absent ? e : new Unread(`${path}: ${e.message}`);
  } finally {
    clearTimeout(timer);
  }
}
