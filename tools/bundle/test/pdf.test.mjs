import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {deflateSync} from 'node:zlib';
import {attached} from '../../../templates/assets/src/pdf.js';

const file = name => new Uint8Array(readFileSync(new URL('../../../' + name, import.meta.url)));
const credential = file('credential/testdata/course.json');
const older = file('internal/pdf/testdata/older.pdf'), foreign = file('internal/pdf/testdata/foreign.pdf');
const latin1 = text => Uint8Array.from(text, c => c.charCodeAt(0));
const textOf = bytes => Buffer.from(bytes).toString('latin1');

test('a certificate of the time before objects were packed is read', async () => assert.deepEqual(await attached(older, 'credential.json'), credential));
test('one that another program wrote anew is read', async () => assert.deepEqual(await attached(foreign, 'credential.json'), credential));
test('what has another name is not taken for it', async () => assert.equal(await attached(foreign, 'credential'), null));

// A file of streams, numbered from 1 on, and a cross-reference stream with these rows and entries.
const root = '<</Names<</EmbeddedFiles<</Names[(credential.json)<</EF<</F 2 0 R>>>>]>>>>>>';
const embedded = '<</Length 2>>\nstream\n{}\nendstream';
const listed = (list = '5 0 ') => [`<</Type/ObjStm/N ${list.trim().split(' ').length / 2}/First ${list.length}/Length ${(list + root).length}>>\nstream\n${list}${root}\nendstream`, embedded];
const entries = '/W[1 2 1]/Index[1 2 5 1]';
const row = (kind, v) => String.fromCharCode(kind, v >> 8, v & 255, 0);

function streamed(streams, rows, entries) {
  let text = '%PDF-1.7\n';
  streams.forEach((s, i) => text += `${i + 1} 0 obj\n${s}\nendobj\n`);
  return latin1(text + `99 0 obj\n<</Type/XRef/Root 5 0 R/Length ${rows.length}${entries}>>\nstream\n${rows}\nendstream\nendobj\nstartxref\n${text.length}\n%%EOF\n`);
}
const at = (streams, n) => streams.slice(0, n - 1).reduce((where, s) => where + '1 0 obj\n\nendobj\n'.length + s.length, '%PDF-1.7\n'.length);

const s = listed(), first = row(1, at(s, 1)), second = row(1, at(s, 2)), good = first + second + row(2, 1);
test('objects are read out of a stream', async () => assert.equal(textOf(await attached(streamed(s, good, entries), 'credential.json')), '{}'));

const changed = (a, b) => {
  assert(s[0].includes(a));
  return streamed([s[0].replace(a, b), s[1]], good, entries);
};
const packed = data => {
  const deflated = textOf(deflateSync(latin1(data)));
  return `/Filter/FlateDecode/Length ${deflated.length}>>\nstream\n${deflated}\nendstream`;
};
const many = '<</Names<</EmbeddedFiles<</Names[' + '6 0 R<<>>'.repeat(128) + ']>>>>>>', list = `5 0 6 ${many.length} `;
const large = [`<</Type/ObjStm/N 2/First ${list.length}` + packed(list + many + '[' + '0 '.repeat(1 << 18) + ']')];
const grown = [`<</Type/ObjStm/N 1/First 4` + packed('5 0 ' + root + ' '.repeat(1 << 22)), embedded];

const refused = {
  'an object stream within itself': streamed(s, row(2, 1) + second + row(2, 1), entries),
  'two within each other': streamed(s, row(2, 2) + row(2, 1) + row(2, 1), entries),
  'a length within the stream': streamed(['<</Type/ObjStm/N 1/First 4/Length 6 0 R>>\nstream\n6 0 99\nendstream', embedded], first + second + row(2, 1) + row(2, 1), '/W[1 2 1]/Index[1 2 5 2]'),
  'an object stream that is missing': streamed(s, row(0, 0) + second + row(2, 1), entries),
  'an object that is not listed': changed('5 0 <<', '6 0 <<'),
  'an object beyond the end': changed('5 0 <<', '5 99<<'),
  'a number twice': streamed(listed('5 0 5 0 '), good, entries),
  'a list that is longer': changed('/N 1', '/N 65536'),
  'a list without end': changed('/N 1', '/N 99999999999999999999'),
  'fewer than no objects': changed('/N 1', '/N -1'),
  'a list that begins far beyond': changed('/First 4', '/First 999999999'),
  'a stream of no known kind': changed('/Type/ObjStm', '/Type/Other'),
  'no rows': streamed(s, '', entries),
  'rows that break off': streamed(s, good.slice(0, 7), entries),
  'rows of no width': streamed(s, good, '/W[0 0 0]/Index[1 65536]'),
  'rows that are too wide': streamed(s, good, '/W[1 2 99999999]/Index[1 3]'),
  'a width below nothing': streamed(s, good, '/W[1 -2 1]/Index[1 3]'),
  'no widths': streamed(s, good, '/Index[1 3]'),
  'a list of half a pair': streamed(s, good, '/W[1 2 1]/Index[1 2 5]'),
  'huge counts': streamed(s, good, '/W[1 2 1]/Index[1 99999999999]'),
  'an offset beyond the file': streamed(s, row(1, 60000) + second + row(2, 1), entries),
  'an offset in another object': streamed(s, first + first + row(2, 1), entries),
  'an attachment within a stream': streamed(s, first + row(2, 1) + row(2, 1), entries),
  'a section after itself': streamed(s, good, entries + '/Prev ' + at([...s, ''], 3)),
  'a stream that grows beyond measure': streamed(grown, row(1, at(grown, 1)) + row(1, at(grown, 2)) + row(2, 1), entries),
  'a large object that is read again and again': streamed(large, row(1, at(large, 1)) + row(2, 1) + row(2, 1), '/W[1 2 1]/Index[1 1 5 2]'),
};
for (const [name, bytes] of Object.entries(refused)) test(name + ' is refused', () => assert.rejects(attached(bytes, 'credential.json')));

test('whatever happens to a file, it is read or refused', async () => {
  let seed = 1;
  const random = n => (seed = seed * 48271 % 2147483647) % n;
  for (let i = 0; i < 400; i++) {
    const bytes = (i % 2 ? older : foreign).slice();
    for (let k = random(8); k >= 0; k--) {
      const end = random(3) ? bytes.length : 2048; // the end says where all else is
      bytes[bytes.length - 1 - random(end)] = random(3) ? 48 + random(10) : random(256);
    }
    try {
      const found = await attached(bytes, 'credential.json');
      assert(found === null || found instanceof Uint8Array);
    } catch (e) {
      assert(e instanceof Error && !/is not|undefined/.test(e.message), e.stack);
    }
  }
});
