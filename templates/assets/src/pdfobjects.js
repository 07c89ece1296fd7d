// The objects of a PDF (ISO 32000-1, 7.3), read from a text of one character a byte.

const maxDepth = 24; // of objects within objects

export const damaged = () => new Error('damaged');

export class Name {
  constructor(name) { this.name = name; }
}
export class Reference {
  constructor(number) { this.number = number; }
}

/** Dictionaries are Maps, lists arrays, strings texts. A number that is no integer is a text: none is needed. */
export class Parser {
  constructor(text, at) {
    this.text = text;
    this.at = at;
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    return found ? found[0] : '';
  }

  space() {
    this.at += this.match(/(?:[\0\t\n\f\r ]+|%[^\r\n]*)*/y).length;
  }

  token() {
    this.space();
    return this.match(/[^\0\t\n\f\r ()<>[\]{}/%]+/y);
  }

  word(word) {
    if (this.token() !== word) return false;
    this.at += word.length;
    return true;
  }

  integer() {
    const token = this.token();
    if (!/^[+-]?\d{1,11}$/.test(token)) return null;
    this.at += token.length;
    return Number(token);
  }

  starts(text) {
    this.space();
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  object(depth = 0) {
    if (depth > maxDepth) throw damaged();
    if (this.starts('<<')) return this.dictionary(depth);
    if (this.starts('[')) {
      const list = [];
      while (!this.starts(']')) list.push(this.object(depth + 1));
      return list;
    }
    if (this.starts('(')) return this.literal();
    if (this.starts('<')) return this.hexadecimal();
    if (this.starts('/')) return new Name(this.name());
    const number = this.integer();
    if (number !== null) {
      const back = this.at;
      if (this.integer() !== null && number > 0 && this.word('R')) return new Reference(number);
      this.at = back;
      return number;
    }
    const token = this.token();
    if (!/^(null|true|false|[+-]?[\d.]+)$/.test(token)) throw damaged();
    this.at += token.length;
    return token === 'null' ? null : token;
  }

  dictionary(depth) {
    const entries = new Map();
    while (!this.starts('>>')) {
      if (!this.starts('/')) throw damaged();
      const key = this.name();
      const value = this.object(depth + 1);
      if (entries.has(key)) throw damaged();
      entries.set(key, value);
    }
    return entries;
  }

  name() {
    const name = this.match(/[^\0\t\n\f\r ()<>[\]{}/%]*/y);
    this.at += name.length;
    return name.replace(/#([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  }

  literal() {
    let out = '';
    for (let open = 1; this.at < this.text.length; this.at++) {
      let c = this.text[this.at];
      if (c === '\\') c = this.text[++this.at] || '';
      else if (c === '(') open++;
      else if (c === ')' && !--open) {
        this.at++;
        return out;
      }
      out += c;
    }
    throw damaged();
  }

  hexadecimal() {
    const end = this.text.indexOf('>', this.at);
    let digits = end < 0 ? 'x' : this.text.slice(this.at, end).replace(/[\0\t\n\f\r ]/g, '');
    if (!/^[0-9a-f]*$/i.test(digits)) throw damaged();
    this.at = end + 1;
    if (digits.length % 2) digits += '0';
    const text = digits.replace(/../g, hex => String.fromCharCode(parseInt(hex, 16)));
    return text.startsWith('\xfe\xff') && /^(?:\0[\0-\x7e])*$/.test(text.slice(2)) ? text.slice(2).replace(/\0(.)/gs, '$1') : text;
  }
}
