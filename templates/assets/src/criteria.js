// Criteria are signed as Markdown and served as HTML. Rendering Markdown here would cost more than all checks together,
// so the page compares words.

/** Whether an element says what a Markdown text says, marks of Markdown aside, and links nowhere that the text does not name. */
export function sameWords(markdown, element) {
  const source = markdown
    .replace(/^[\s|:-]+$/gm, '')                                 // rules of tables, and between paragraphs
    .replace(/^[ \t>]*(?:(?:[-+*]|\d+[.)]|#{1,6})[ \t]+)?/gm, '') // marks of quotations, lists and headings
    .replace(/\]\([^)]*\)/g, ']');                               // where links lead
  const links = [...element.querySelectorAll('[href],[src]')];
  return letters(source) === letters(element.textContent) && links.every(e => markdown.includes(e.getAttribute('href')));
}

// Punctuation that is not Markdown's stays: 6.0 is not 60, and ≥ is not ≤.
const letters = text => text.replace(/[\s*_`~|[\]<>\\#]/g, '');
