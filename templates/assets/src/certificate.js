// The verification page.

import {examine} from './examine.js';
import {fetchText} from './fetch.js';
import {readNumber} from './number.js';
import {drawChecking, drawReport} from './draw.js';
import {both, find, site} from './page.js';
import {words} from './words.js';

const quick = 250; // milliseconds: what is done sooner needs no word about being at work

export async function certificatePage() {
  const numbers = [document.documentElement.dataset.number];
  const inAddress = /^\/c\/([^/]*)/.exec(location.pathname);
  if (inAddress) numbers.push(readNumber(decoded(inAddress[1])).number);
  const timer = setTimeout(drawChecking, quick);
  const report = await examine(site, () => fetchText('credential.json'), fetchText, numbers, Date.now());
  clearTimeout(timer);
  drawReport(report, Date.now(), certificatePage);
  if (report.problem) console.warn(report.problem);
}

/** A part of the address as it reads; as it stands where it cannot be decoded. */
export function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch (e) {
    return part;
  }
}

/** The button beside the number. */
export function prepareCopy() {
  const button = find('[data-do=copy]');
  if (!navigator.clipboard) {
    button.hidden = true;
    return;
  }
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(find('[data-fact=number]').textContent);
    button.replaceChildren(both(words.copied));
  });
}
