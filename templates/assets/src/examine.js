// The checks of a certificate in their order, and the verdict that follows. Knows no page.

import {parse} from './jcs.js';
import {isNumber} from './number.js';
import {checkProof} from './proof.js';
import {publishes, readKeys} from './keys.js';
import {readFacts} from './credential.js';
import {lastWord, listPaths, lookUp} from './status.js';
import {Refuted, current, follow, isIn, readEntry} from './log.js';

/** Thrown by whoever reads files: it could not be had, which says nothing about the certificate. */
export class Unread extends Error {}

/** That there is no such file, for which the host can be asked. */
export class Absent extends Unread {}

export const checks = ['number', 'proof', 'key', 'dates', 'status', 'log'];

// A visitor's clock may be a little behind the issuer's. It decides nothing but how soon a new certificate is in force.
const clockTolerance = 10 * 60 * 1000;

// Lists are signed anew every day.
const listsLast = 2 * 24 * 60 * 60 * 1000;

/**
 * Examines the credential that read() gives as text. site is {base, did, log, said (whether the page was built with
 * statements)}; fetched(path, raw) gives a file of the page's
 * own origin, as text or as bytes; numbers are those that the credential must carry, besides its own two places; now is in ms. The report:
 *
 *   verdict  valid, revoked, suspended, superseded, expired, invalid or unavailable
 *   reason   of invalid: number, proof, key, dates or log
 *   results  by check: {result: pass, fail or skip; why: unread, none, after-CHECK, early, expired, revoked, suspended, superseded;
 *            of the log missing, differs, fork, erased; of a key that was stolen older or stolen}
 *   facts    what the credential says, where it can be read; verified tells whether number, proof and key hold
 *   created  when it was signed; lists: when the status lists were; asOf: as of when both status and log are known (all in ms)
 *   stands   what stands against it: {status, and, where a statement says so, reason, time, replacement}
 *   logged   what the log has, if that check passed: see follow
 */
export async function examine(site, read, fetched, numbers, now) {
  const report = {results: {}, verified: false};
  const set = (check, result, why) => { report.results[check] = {result, why}; };
  for (const check of checks) set(check, 'skip', 'unread');
  const finish = verdict => Object.assign(report, {verdict});
  const invalid = (check, why) => {
    checks.slice(checks.indexOf(check)).forEach(later => set(later, 'skip', 'after-' + check));
    set(check, 'fail', why);
    report.reason = check;
    return finish('invalid');
  };

  try {
    let json;
    const text = await read();
    try {
      json = parse(text);
      report.facts = readFacts(json);
    } catch (e) { // what Laurel signs can be read
      set('number', 'skip', 'none');
      return invalid('proof');
    }
    const {facts} = report;

    if (!isNumber(facts.number) || facts.id !== `${site.base}/c/${facts.number}/credential.json` ||
        numbers.some(n => n !== facts.number)) return invalid('number');
    set('number', 'pass');

    const proof = await checkProof(json);
    if (!proof) return invalid('proof');
    set('proof', 'pass');
    report.created = proof.created;

    const entry = readEntry(fetched, facts.number, proof.digest);
    entry.catch(() => {}); // it may fail before anybody waits for it
    const [did, history] = (await Promise.all(['/.well-known/did.json', '/keys.json'].map(path => fetched(path)))).map(parseOrGiveUp);
    const keys = await readKeys(did, history, site).catch(e => {
      if (publishes(did, site.did, proof.method)) throw new Unread(e.message);
      return () => {};
    });
    const key = facts.issuerID === site.did && keys(proof);
    const stolen = key && key.root;
    if (!key || stolen && !await isOlder(entry, key, site, fetched)) return invalid('key', stolen && 'stolen');
    set('key', 'pass', stolen && 'older');
    report.verified = true;

    const early = now + clockTolerance < facts.from, late = now >= facts.until;
    set('dates', early || late ? 'fail' : 'pass', early ? 'early' : late ? 'expired' : undefined);
    if (early) report.reason = 'dates';

    const [status, logged] = await Promise.allSettled([
      findStatus(site, facts, fetched, keys, report, now),
      entry.then(e => follow(e, site.log, fetched)),
    ]);
    const stands = report.stands = status.value;
    const verdict = stands && (stands.reason === 'superseded' ? stands.reason : stands.status);
    if (!status.reason) set('status', stands ? 'fail' : 'pass', verdict);
    const {reason: doubt} = logged;
    if (stands && stands.reason === 'erased' && doubt && doubt.message === 'missing') { // with its content went its proof
      set('log', 'skip', 'erased');
    } else if (doubt instanceof Refuted) {
      set('log', 'fail', doubt.message);
      report.reason = 'log';
    } else if (logged.value) {
      set('log', 'pass');
      report.logged = logged.value;
      report.asOf = Math.min(report.asOf || Infinity, logged.value.asOf || 0) || undefined;
    }
    if (report.reason) return finish('invalid');
    if (stands) return finish(verdict); // the issuer's word, whatever else could not be had
    if (status.reason || doubt) throw status.reason || doubt;
    return finish(late ? 'expired' : 'valid');
  } catch (e) {
    if (!(e instanceof Unread)) report.problem = e;
    if (report.reason) return finish('invalid');
    return finish('unavailable');
  }
}

// Whether the log shows that a certificate is older than the theft of its key, which the key history dates by a head.
async function isOlder(entry, head, site, fetched) {
  try {
    return await isIn(await entry, head, (await current(site.log, fetched)).size, fetched);
  } catch (e) {
    if (e instanceof Refuted) return false;
    throw e;
  }
}

// What stands against a certificate, by both lists and by what was said of it; undefined for nothing. The lists are the truth
// about it; a statement says since when and why, and counts before a list that is older, because a cache may be late with
// either. A revocation counts wherever it stands. Few certificates have statements, so they are asked for where something
// calls for them: a bit, the page, a list that is missing or old.
async function findStatus(site, facts, fetched, keys, report, now) {
  const paths = listPaths(facts.listURL, site.base);
  if (!paths || facts.entryID !== `${facts.listURL}#${facts.index}`) throw new Unread('no list of the issuer’s');
  const read = async path => parseOrGiveUp(await fetched(path));
  const settled = promise => promise.catch(error => ({error}));
  const find = path => settled(read(path).then(json => lookUp(json, path, site, keys, facts.index)));
  const say = () => settled(read(`/c/${facts.number}/status.json`).then(json => lastWord(json, facts, site, keys)));
  let said = site.said && say();
  const [revoked, suspended] = await Promise.all(paths.map(find));
  if (revoked.set || suspended.set || !(now - Math.min(revoked.asOf, suspended.asOf) < listsLast)) said ||= say();
  said = await said || {};
  report.lists = report.asOf = revoked.asOf;
  const on = status => said.status === status ? said : {status};
  if (revoked.set || said.status === 'revoked') return on('revoked');
  const error = revoked.error || suspended.error;
  if (!error && (suspended.set ? !(said.status === 'valid' && said.at > suspended.asOf)
    : said.status === 'suspended' && said.at >= suspended.asOf)) return on('suspended');
  if (error || said.error && !(said.error instanceof Absent)) throw new Unread((error || said.error).message);
}

function parseOrGiveUp(text) {
  try {
    return parse(text);
  } catch (e) {
    throw new Unread(e.message);
  }
}
