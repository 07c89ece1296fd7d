// What every page does: the language, and putting texts of both languages into place.

const root = document.documentElement;
const store = 'laurel-language';

/** A name as a Chinese and an English sentence take it in: a space parts a last Latin letter from the Chinese after it. */
export const inSentence = name => [/[!-~]$/.test(name) ? name + ' ' : name, name];

/** What the page was served with. */
export const site = {
  base: root.dataset.base,
  did: root.dataset.did,
  zone: root.dataset.zone,
  log: root.dataset.log.split(' '),
  issuer: root.dataset.issuer,
  said: 'said' in root.dataset,
  host: new URL(root.dataset.base).host,
};

export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

/** The text [zh, en] as an element, of which the language of the page shows one; gap parts them where both are shown. */
export function both([zh, en], gap = ' ') {
  const t = element('span', 't');
  t.append(element('span', '', zh, 'zh-CN'), gap, element('span', '', en, 'en'));
  return t;
}

export function element(name, className, text, lang) {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  if (lang) e.lang = lang;
  return e;
}

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', '#' + name);
  svg.append(use);
  return svg;
}

/** A copy of the template of that name, filled in: see fill. */
export function clone(name, values = {}) {
  const copy = find(`template[data-for=${name}]`).content.cloneNode(true);
  fill(copy, {issuer: inSentence(site.issuer), ...values});
  return copy;
}

/**
 * Puts values into the elements that ask for them: data-slot="x" takes x, or its part in "x-zh" and "x-en"; on a link it
 * sets the address too. data-with and data-without keep an element only where x is known, or is not.
 */
export function fill(within, values) {
  for (const e of findAll('[data-with],[data-without]', within)) {
    const {with: needed, without} = e.dataset;
    if (needed ? values[needed] === undefined : values[without] !== undefined) e.remove();
  }
  for (const e of findAll('[data-slot]', within)) {
    const [name, language] = e.dataset.slot.split('-');
    let value = values[name];
    if (value === undefined) continue;
    if (language) value = value[language === 'zh' ? 0 : 1];
    if (e.localName === 'a') e.href = value;
    if (!e.children.length) e.textContent = value;
  }
}

/** The language that is shown: zh or en. */
export const language = () => root.dataset.lang;

/** The text of an element in the language that is shown. */
export function shown(e) {
  const copy = e.cloneNode(true);
  findAll(`.t > [lang="${language() === 'zh' ? 'en' : 'zh-CN'}"]`, copy).forEach(other => other.remove());
  return copy.textContent.replace(/\s+/g, ' ').trim();
}

/** Names the tab after the verdict's headline, or on other pages after the heading. */
export function entitle() {
  document.title = shown(find('#say h1') || find('h1')) + ' · ' + site.host;
}

function speak(chosen) {
  root.dataset.lang = chosen;
  root.lang = chosen === 'zh' ? 'zh-CN' : 'en';
  for (const b of findAll('[data-set]')) b.setAttribute('aria-pressed', b.dataset.set === chosen);
  if (root.dataset.view !== 'certificate' || root.dataset.verdict !== 'unchecked') entitle();
}

function remembered() {
  try {
    const lang = localStorage.getItem(store);
    return lang === 'zh' || lang === 'en' ? lang : null;
  } catch (e) {
    return null; // a browser that keeps nothing
  }
}

function preferred() {
  for (const lang of navigator.languages || [navigator.language]) {
    const found = /^(zh|en)\b/i.exec(lang);
    if (found) return found[1].toLowerCase();
  }
  return 'en';
}

/** Chooses the language, and says so where the page is a copy. */
export function prepare() {
  fill(document, {issuer: inSentence(site.issuer)});
  for (const b of findAll('[data-set]')) {
    b.addEventListener('click', () => {
      speak(b.dataset.set);
      try {
        localStorage.setItem(store, b.dataset.set);
      } catch (e) { /* then it holds for this page alone */ }
    });
  }
  speak(remembered() || preferred());
  if (location.host !== site.host) {
    root.dataset.origin = 'mirror';
    const number = root.dataset.number;
    find('main').prepend(clone('mirror', {original: site.base + (number ? `/c/${number}/` : location.pathname)}));
  }
}
