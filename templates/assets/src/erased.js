// The page of a certificate whose content was erased: what is left to check is the statement that says so.

import {parse} from './jcs.js';
import {readKeys} from './keys.js';
import {lastWord} from './status.js';
import {day, instant} from './dates.js';
import {fetchText} from './fetch.js';
import {say} from './draw.js';
import {entitle, find, site} from './page.js';

const root = document.documentElement;

export async function erasedPage() {
  let verdict = 'unavailable', on;
  try {
    // The statement beside this very page, wherever somebody has put that.
    const [did, history, statements] = (await Promise.all(['/.well-known/did.json', '/keys.json', 'status.json'].map(path => fetchText(path)))).map(parse);
    const word = await lastWord(statements, root.dataset, site, await readKeys(did, history, site));
    if (word.reason === 'erased') {
      verdict = 'revoked';
      on = day(word.time.slice(0, 10));
    }
  } catch (e) {
    console.warn(e);
  }
  say(on ? 'erased' : verdict, {day: on, now: instant(Date.now(), site.zone)});
  const retry = find('[data-do=again]');
  if (retry) retry.addEventListener('click', erasedPage);
  root.dataset.verdict = verdict;
  entitle();
}
