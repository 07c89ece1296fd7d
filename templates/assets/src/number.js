// Certificate numbers: sixteen Crockford base32 symbols, the last two of which make two sums over GF(32) zero
// (x⁵+x²+1, α = 2), so that every one or two wrong symbols and every swap of two are noticed while typing.

const symbols = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const separators = /[\p{White_Space}\u2212\p{Pd}]/gu; // U+2212 is the minus sign, which word processors take for a dash

const times = (a, b) => {
  let product = 0;
  for (; b; b >>= 1) {
    if (b & 1) product ^= a;
    a <<= 1;
    if (a & 32) a ^= 37;
  }
  return product;
};

const powers = [1];
while (powers.length < 16) powers.push(times(powers[powers.length - 1], 2));

const grouped = s => s.match(/.{1,4}/g).join('-');

/**
 * Reads a number as people type and paste it. The answer is {number} in canonical form, or {problem} with
 * 'length' (count), 'alien' (character, position), 'typo' (position, suggestion), 'swap' or 'checksum'. Positions are from 1.
 */
export function readNumber(input) {
  const typed = [...input.normalize('NFKC').replace(separators, '')];
  const values = [];
  for (const [i, c] of typed.entries()) {
    const upper = c >= 'a' && c <= 'z' ? c.toUpperCase() : c;
    const value = symbols.indexOf({I: '1', L: '1', O: '0'}[upper] || upper);
    if (value < 0) return {problem: 'alien', character: c, position: i + 1};
    values.push(value);
  }
  if (values.length !== 16) return {problem: 'length', count: values.length};
  const text = () => grouped(values.map(v => symbols[v]).join(''));
  let sum = 0, weighted = 0;
  values.forEach((v, i) => {
    sum ^= v;
    weighted ^= times(v, powers[i]);
  });
  if (!sum && !weighted) return {number: text()};
  if (!sum) return {problem: 'swap'};
  const i = powers.findIndex(power => times(sum, power) === weighted);
  if (i < 0) return {problem: 'checksum'};
  values[i] ^= sum;
  return {problem: 'typo', position: i + 1, suggestion: text()};
}

/** Whether s is a number in canonical form. */
export const isNumber = s => readNumber(s).number === s;
