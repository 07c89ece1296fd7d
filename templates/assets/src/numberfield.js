// The field for a number, with its feedback while typing.

import {readNumber} from './number.js';
import {both, element, find, icon} from './page.js';

/** Readies the field with a first value, and goes to the page of whatever good number is entered. */
export function prepareField(value) {
  const form = find('#field'), input = find('#n');
  input.value = value;
  input.addEventListener('input', feedback);
  form.addEventListener('submit', event => {
    event.preventDefault();
    const {number} = readNumber(input.value);
    if (number) location.assign(`/c/${number}/`);
    else input.focus();
    feedback();
  });
  if (!readNumber(value).number) feedback(); // no tick for a number that was not found
}

function feedback() {
  const input = find('#n'), line = find('#fb');
  const {className, content} = comment(readNumber(input.value));
  line.className = 'fb ' + className;
  line.replaceChildren(...content);
  find('#field').classList.toggle('bad', className === 'err');
  if (className === 'err') input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}

function comment(read) {
  if (read.number) return {className: 'ok', content: [icon('r-pass'), both(['编号书写正确', 'The number is well formed'])]};
  if (read.problem === 'length' && read.count < 16) {
    if (!read.count) return {className: '', content: []};
    const count = element('span', 'count');
    count.setAttribute('aria-hidden', 'true'); // read out at every key, it would drown everything else
    count.append(both([`已输入 ${read.count} 位，共 16 位`, `${read.count} of 16 characters`]));
    return {className: '', content: [count]};
  }
  const text = element('div');
  text.append(both(mistake(read)));
  if (read.suggestion) text.append(suggestion(read));
  return {className: 'err', content: [icon('r-fail'), text]};
}

function mistake(read) {
  switch (read.problem) {
    case 'alien': {
      const c = read.character.toUpperCase();
      return [`编号里不会出现“${c}”，请对照证书核对。`, `A number never contains “${c}”. Compare it with the certificate.`];
    }
    case 'length':
      return [`多了 ${read.count - 16} 位，编号应为 16 位。`, `${read.count - 16} too many. A number has 16 characters.`];
    case 'typo':
      return [`编号有误：第 ${read.position} 位可能写错了。`, `This number has a mistake, perhaps in character ${read.position}.`];
    case 'swap':
      return ['编号有误：可能有两位写反了，请对照证书核对。', 'This number has a mistake: two characters may be swapped. Compare it with the certificate.'];
  }
  return ['编号有误，请对照证书核对。', 'This number has a mistake. Compare it with the certificate.'];
}

function suggestion({suggestion: number, position}) {
  const at = position - 1 + Math.floor((position - 1) / 4);
  const shown = element('b', 'mono nw');
  shown.append(number.slice(0, at), element('mark', '', number[at]), number.slice(at + 1));
  const use = element('button', 'copy');
  use.type = 'button';
  use.append(both(['改用这个编号', 'Use this number']));
  use.addEventListener('click', () => {
    const input = find('#n');
    input.value = number;
    input.focus();
    feedback();
  });
  const line = element('span', 'sug');
  line.append(both(['您要找的是 ', 'Did you mean ']), shown, both(['？', '?'], ''), ' ', use);
  return line;
}
