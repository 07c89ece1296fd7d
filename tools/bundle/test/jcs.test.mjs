import assert from 'node:assert/strict';
import test from 'node:test';
import {canonicalize} from '../../../templates/assets/src/jcs.js';

const forms = {
  'names are sorted by UTF-16 units': ['{"\ufb33":1,"😀":2,"€":3,"1":4}', '{"1":4,"€":3,"😀":2,"\ufb33":1}'],
  'names that objects of JavaScript have by birth are like others': ['{"__proto__":1,"constructor":{},"2":0,"10":0}', '{"10":0,"2":0,"__proto__":1,"constructor":{}}'],
  'numbers are written as ECMAScript does': ['[1e21,0.000001,1E-7,-0,100.0,9007199254740993]', '[1e+21,0.000001,1e-7,0,100,9007199254740992]'],
  'strings are escaped as little as may be': ['"\\u0041\\/\\u007f\\u2028\\u001F\\n\\ud83d\\ude00"', '"A/\u007f\u2028\\u001f\\n😀"'],
  'white space goes': [' { "a" : [ true , false , null ] } \r\n\t', '{"a":[true,false,null]}'],
  'sixty-four levels may be nested': ['['.repeat(64) + ']'.repeat(64), '['.repeat(64) + ']'.repeat(64)],
};
for (const [name, [text, canonical]] of Object.entries(forms)) test(name, () => assert.equal(canonicalize(text), canonical));

const refused = {
  'a name that occurs twice': '{"a":1,"a":2}',
  'a name that occurs twice, once escaped': '{"a":1,"\\u0061":2}',
  'half of a surrogate pair, escaped': '"\\ud800"',
  'half of a surrogate pair in a name': '{"\\udfff":0}',
  'the halves in the wrong order': '"\\ude00\\ud83d"',
  'half of a surrogate pair as it is': '"\ud800"',
  'more after the value': '{} {}',
  'nothing': '  ',
  'a byte order mark': '\ufeff{}',
  'sixty-five levels': '['.repeat(65) + ']'.repeat(65),
  'a number beyond all doubles': '1e400',
  'a comma before the end': '[1,]',
  'a member without a name': '{1:2}',
  'a leading zero': '01',
  'a point without digits': '1.',
  'a plus sign': '+1',
  'a word of JavaScript': 'undefined',
  'a control character in a string': '"\t"',
  'an unknown escape': '"\\x41"',
  'an escape cut short': '"\\u00e',
  'a no-break space around': '\u00a0{}',
};
for (const [name, text] of Object.entries(refused)) test(`refuses ${name}`, () => assert.throws(() => canonicalize(text), SyntaxError));
