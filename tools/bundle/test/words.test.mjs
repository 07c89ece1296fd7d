import assert from 'node:assert/strict';
import test from 'node:test';
import {sameWords} from '../../../templates/assets/src/criteria.js';
import {day, instant, readInstant} from '../../../templates/assets/src/dates.js';
import {isPNG, unbake} from '../../../templates/assets/src/png.js';
import {tally} from '../../../templates/assets/src/words.js';
import zlib, {deflateSync} from 'node:zlib';

test('an instant is told in the issuer’s zone', () => {
  const t = Date.parse('2026-06-18T01:30:00Z');
  assert.deepEqual(instant(t, 'Asia/Shanghai'), ['2026年6月18日 09:30（UTC+8）', '18 June 2026, 09:30 (UTC+8)']);
  assert.deepEqual(instant(t, 'Asia/Kolkata'), ['2026年6月18日 07:00（UTC+5:30）', '18 June 2026, 07:00 (UTC+5:30)']);
  assert.deepEqual(instant(t, 'America/New_York')[1], '17 June 2026, 21:30 (UTC−4)');
  assert.deepEqual(instant(t, 'UTC')[1], '18 June 2026, 01:30 (UTC)');
  assert.deepEqual(instant(t, 'Nowhere/Land')[1], '18 June 2026, 01:30 (UTC)');
  assert.deepEqual(day('2026-03-01'), ['2026年3月1日', '1 March 2026']);
});

test('an instant without a zone is none', () => {
  assert.equal(readInstant('2026-03-01T02:03:04Z'), Date.UTC(2026, 2, 1, 2, 3, 4));
  for (const text of ['2026-03-01T02:03:04', '2026-03-01', '2026-13-01T02:03:04Z', '', undefined, 7]) assert.ok(isNaN(readInstant(text)), String(text));
});

test('the tally says in a sentence what came of all checks', () => {
  const results = (...list) => Object.fromEntries(['number', 'proof', 'key', 'dates', 'status', 'log'].map((check, i) => [check, {result: list[i][0], why: list[i][1]}]));
  const pass = ['pass'], log = pass;
  assert.deepEqual(tally(results(pass, pass, pass, pass, pass, pass)), ['六项全部通过，均在您的浏览器中完成。', 'All six checks passed, in your own browser.']);
  assert.match(tally(results(pass, pass, pass, ['fail', 'expired'], pass, log)).join(), /^五项通过，一项未通过.*,Five checks passed and one did not/);
  const after = ['skip', 'after-proof'];
  assert.deepEqual(tally(results(pass, ['fail'], after, after, after, after)), ['一项未通过，其后四项没有继续。', 'One check failed, so the four after it were not made.']);
  assert.deepEqual(tally(results(pass, pass, pass, pass, ['skip', 'unread'], log)), ['有文件未能取到，一项没有完成。', 'Some files could not be loaded, so one check was not made.']);
});

const rendered = (textContent, ...links) => ({textContent, querySelectorAll: () => links.map(href => ({getAttribute: () => href}))});

test('criteria are compared by their words', () => {
  const markdown = '# 条件\n\n- 完成率 **≥ 80%**\n- see [the rules](https://example.org/r)\n\n1. pass';
  assert.ok(sameWords(markdown, rendered('\n条件\n完成率 ≥ 80%\nsee the rules\npass\n', 'https://example.org/r')));
  assert.ok(!sameWords(markdown, rendered('条件 完成率 ≥ 60% see the rules pass', 'https://example.org/r')));
  assert.ok(!sameWords(markdown, rendered('条件 完成率 ≤ 80% see the rules pass', 'https://example.org/r')));
  assert.ok(!sameWords(markdown, rendered('条件 完成率 ≥ 8.0% see the rules pass', 'https://example.org/r')));
  assert.ok(!sameWords(markdown, rendered('条件 完成率 ≥ 80% see the rules pass', 'https://example.com/r')));
});

const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type), data]), length = Buffer.alloc(4), sum = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crcOf(body));
  return Buffer.concat([length, body, sum]);
};

// zlib.crc32 is younger than Node 18.
function crcOf(bytes) {
  if (zlib.crc32) return zlib.crc32(bytes);
  let c = -1;
  for (const b of bytes) {
    c ^= b;
    for (let i = 0; i < 8; i++) c = c & 1 ? c >>> 1 ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}
const text = (keyword, value, flag = 0) => chunk('iTXt', Buffer.concat([Buffer.from(keyword), Buffer.from([0, flag, 0, 0, 0]), Buffer.from(value)]));
const png = (...chunks) => new Uint8Array(Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), ...chunks, chunk('IEND', Buffer.alloc(0))]));

test('a baked picture gives its credential back, whole or not at all', () => {
  const baked = text('openbadgecredential', '{"name":"张伟"}');
  assert.ok(isPNG(png(baked)));
  assert.equal(unbake(png(chunk('IDAT', deflateSync(Buffer.alloc(9))), baked)), '{"name":"张伟"}');
  assert.equal(unbake(png(text('Comment', 'x'))), null);
  assert.throws(() => unbake(png(baked, baked)));
  assert.throws(() => unbake(png(text('openbadgecredential', 'x', 1))));
  assert.throws(() => unbake(png(text('openbadgecredential', Buffer.from([0xff])))));
  for (let cut = 8; cut < png(baked).length; cut++) assert.throws(() => unbake(png(baked).subarray(0, cut)), `cut at ${cut}`);
  for (let i = 8; i < png(baked).length; i++) {
    const changed = png(baked);
    changed[i] ^= 4;
    assert.throws(() => unbake(changed), `changed at ${i}`);
  }
});
