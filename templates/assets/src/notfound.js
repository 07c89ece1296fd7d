// The page for what is not there: puts right what was typed into the address.

import {instant} from './dates.js';
import {fetchText} from './fetch.js';
import {current} from './log.js';
import {readNumber} from './number.js';
import {prepareField} from './numberfield.js';
import {decoded} from './certificate.js';
import {clone, entitle, find, site} from './page.js';

export async function notFoundPage() {
  const path = /^\/c\/([^/]+)/i.exec(location.pathname);
  const typed = path ? decoded(path[1]) : '';
  const {number} = readNumber(typed);
  if (number && redirect(number)) return;
  const values = {number: number || typed.slice(0, 64)};
  const say = more => find('#nf').replaceChildren(clone(number ? 'number' : typed ? 'mistyped' : 'page', {...values, ...more}));
  say();
  prepareField(values.number);
  entitle();
  if (!number) return;
  // The log tells as of when nothing was published under the number; the visitor's own clock could not.
  const {asOf} = await current(site.log, fetchText).catch(() => ({}));
  if (asOf) say({asof: instant(asOf, site.zone)});
}

// Goes to the one address of a number, once: a host that leads from there to here again must not make a circle of it.
function redirect(number) {
  const canonical = `/c/${number}/`, mark = 'laurel-redirected';
  if (location.pathname === canonical) return false;
  try {
    if (sessionStorage.getItem(mark) === canonical) {
      sessionStorage.removeItem(mark);
      return false;
    }
    sessionStorage.setItem(mark, canonical);
  } catch (e) {
    return false; // without a mark, the button goes there
  }
  location.replace(canonical);
  return true;
}
