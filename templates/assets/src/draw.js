// Draws a report onto the page: verdict, facts, checks.

import {utf8} from './bytes.js';
import {checks} from './examine.js';
import {day, dayAt, instant} from './dates.js';
import {sameWords} from './criteria.js';
import {tally, words} from './words.js';
import {both, clone, element, entitle, fill, find, findAll, inSentence, site} from './page.js';

const root = document.documentElement;
const staleAfter = 7; // days
const han = /\p{Script=Han}/u;

/** What the page says while it is at work. */
export function drawChecking() {
  root.dataset.verdict = 'unchecked';
  root.dataset.phase = 'checking';
  say('checking', {});
  find('#eyebrow').replaceChildren(both(words.eyebrow.checking));
  const results = Object.fromEntries(checks.map(check => [check, {result: 'pending', why: 'pending'}]));
  drawChecks(results, {});
}

/** Draws a report of examine. again is called where the visitor wants another try. */
export function drawReport(report, now, again) {
  const {verdict, facts, stands} = report;
  const known = facts && (report.verified || verdict === 'invalid');
  const asOf = report.asOf;
  const days = asOf === undefined ? 0 : Math.floor((now - asOf) / 86400000);
  say(verdict, {
    ...report.verified && {issuer: inSentence(facts.issuer)},
    day: verdict === 'expired' ? day(facts.expires) : since(stands),
    successor: stands && stands.replacement && `/c/${stands.replacement}/`,
    asof: asOf === undefined ? undefined : instant(asOf, site.zone),
    days: days >= staleAfter ? days : undefined,
    now: instant(now, site.zone),
    [report.reason]: true,
  });
  const retry = find('[data-do=again]');
  if (retry) retry.addEventListener('click', again);
  const eyebrow = find('#eyebrow');
  eyebrow.replaceChildren(both(words.eyebrow[verdict] || words.eyebrow.other));
  eyebrow.classList.toggle('warn', verdict === 'invalid');
  if (known) drawFacts(facts, report);
  drawPicture(verdict);
  drawChecks(report.results, report);
  delete root.dataset.phase;
  root.dataset.verdict = verdict; // the last: whoever waits for it finds everything in its place
  entitle();
}

/** Puts the sentences of that name into the band. */
export function say(name, values) {
  find('#say').replaceChildren(clone(name, values));
}

// Every text is set as text: the file may say anything.
function drawFacts(facts, {logged, results, stands}) {
  if (stands && stands.time) facts.stated = [stands.status, stands.reason, stands.time].join(' ');
  for (const e of findAll('[data-fact]')) {
    const name = e.dataset.fact;
    e.textContent = facts[name];
    if (e.hasAttribute('lang')) e.lang = han.test(facts[name]) ? 'zh-CN' : '';
    if (name === 'recipient') e.className = nameClass(facts.recipient);
    const row = e.closest('.facts > div');
    if (row) row.hidden = !facts[name];
  }
  const labels = words.labels[facts.kind];
  for (const e of findAll('[data-label]')) e.replaceChildren(both(labels[e.dataset.label]));
  const later = logged && dayAt(logged.at, site.zone);
  const gloss = {
    recorded: later > facts.issued ? both(words.recorded(day(later))) : '',
    type: both(labels.type),
    result: facts.kind === 'course' ? ' %' : facts.most && ' / ' + facts.most,
    issued: dayOf(facts.issued),
    expires: dayOf(facts.expires),
    stated: facts.stated ? both(line('status', results.status, {stands})) : '',
    successor: '',
  };
  for (const e of findAll('[data-gloss]')) e.replaceChildren(gloss[e.dataset.gloss]);
  drawCriteria(facts.criteria);
}

// Long names are set smaller on narrow screens, as they are served.
const nameClass = name => {
  const {length} = utf8(name);
  return length > 44 ? 'name longer' : length > 30 ? 'name long' : 'name';
};

const dayOf = text => /^\d{4}-\d\d-\d\d$/.test(text) ? both(day(text)) : '';

// The served criteria stay where their words are the signed ones; else the signed text itself is shown.
function drawCriteria(markdown) {
  const e = find('#criteria');
  if (!e || sameWords(markdown, e)) return;
  e.replaceChildren(...markdown.split(/\n{2,}/).map(p => element('p', 'source', p.trim(), han.test(p) ? 'zh-CN' : 'en')));
}

// What was not confirmed has no picture. An expired one is marked here, since a picture does not know the date.
function drawPicture(verdict) {
  const out = verdict === 'invalid';
  for (const e of findAll('.pic, .a-png, .a-pdf, .acts .g')) e.hidden = out;
  for (const e of findAll('.nopic, .acts .x')) e.hidden = !out;
  const chip = find('#chip');
  if (chip) chip.replaceChildren(...words.chip[verdict] ? [both(words.chip[verdict])] : []);
}

function drawChecks(results, report) {
  find('#tally').replaceChildren(both(tally(results)));
  for (const check of checks) {
    const {result} = results[check];
    const item = find(`[data-check=${check}]`);
    item.dataset.result = result;
    find('.r use', item).setAttribute('href', '#r-' + result);
    const word = find('.vh', item);
    word.hidden = false;
    word.replaceChildren(both(words.results[result]), '. ');
    find('.s', item).replaceChildren(both(line(check, results[check], report)));
  }
  fill(find('.checks'), {
    signed: report.created === undefined ? ['', ''] : words.signed(instant(report.created, site.zone)),
    lists: report.lists === undefined ? ['', ''] : words.lists(instant(report.lists, site.zone)),
    logged: report.logged ? words.logged(report.logged, instant(report.logged.at, site.zone), instant(report.logged.asOf || report.logged.at, site.zone)) : ['', ''],
  });
}

function line(check, {result, why}, {facts, logged, stands}) {
  const sentence = words.line[`${check}-${why || result}`] || words.line[why];
  if (typeof sentence !== 'function') return sentence;
  return sentence(check === 'key' ? site.host : check === 'log' ? logged.index : check === 'status' ? [since(stands), whyOf(stands)] : day(facts.expires));
}

// The day of a statement, in the issuer's own time; undefined where no statement tells.
const since = stands => stands && stands.time ? day(stands.time.slice(0, 10)) : undefined;

// The public reason in brackets, as the page was served with the words for it.
function whyOf({reason}) {
  const said = findAll('[data-code]', clone('reasons')).find(e => e.dataset.code === reason);
  return said ? [`（${said.firstChild.textContent}）`, ` (${said.lastChild.textContent})`] : ['', ''];
}
