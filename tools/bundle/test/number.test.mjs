import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {readNumber} from '../../../templates/assets/src/number.js';

const vectors = JSON.parse(readFileSync(new URL('../../../credential/testdata/numbers.json', import.meta.url), 'utf8'));

for (const v of vectors.valid) test(`reads ${v.name}`, () => assert.deepEqual(readNumber(v.input), {number: v.number}));

for (const {name, input, ...refused} of vectors.invalid) {
  test(`refuses ${name}`, () => {
    const {kind, ...rest} = refused;
    assert.deepEqual(readNumber(input), {problem: kind, ...rest});
  });
}
