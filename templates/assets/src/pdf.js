// The credential that is attached to a PDF, read as strictly as certgen verify reads it: by the cross-reference tables
// from the newest to the oldest, then from the catalog by its names. A file whose objects another program compressed or
// encrypted is refused.

const maxSections = 64, maxObjects = 1 << 16, maxDepth = 24, maxNames = 256, maxAttachment = 4 << 20;

const damaged = () => new Error('damaged');

class Name {
  constructor(name) { this.name = name; }
}
class Reference {
  constructor(number) { this.number = number; }
}

// Reads objects (ISO 32000-1, 7.3) from a text of one character a byte.
class Parser {
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

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.text = new TextDecoder('latin1').decode(bytes); // not to be read as text: one character a byte is all it is for
    this.offsets = new Map();
    this.names = 0;
  }

  // The newest trailer.
  sections() {
    const tail = this.text.slice(-2048), last = tail.lastIndexOf('startxref');
    if (last < 0) throw damaged();
    let at = new Parser(tail, last + 9).integer(), newest;
    for (let n = 0; ; n++) {
      if (!(at > 0 && at < this.text.length) || n === maxSections) throw damaged();
      const trailer = this.section(at);
      newest = newest || trailer;
      if (trailer.has('XRefStm')) throw damaged();
      if (!trailer.has('Prev')) return newest;
      at = trailer.get('Prev');
    }
  }

  section(at) {
    const p = new Parser(this.text, at);
    if (!p.word('xref')) throw damaged();
    while (!p.word('trailer')) {
      const first = p.integer(), n = p.integer();
      if (first === null || n === null || first < 0 || n < 0 || first > maxObjects || n > maxObjects) throw damaged();
      for (let i = 0; i < n; i++) {
        const offset = p.integer(), generation = p.integer(), used = p.word('n');
        if (offset === null || generation === null || !used && !p.word('f')) throw damaged();
        if (!this.offsets.has(first + i)) this.offsets.set(first + i, used ? offset : 0);
      }
    }
    const trailer = p.object();
    if (!(trailer instanceof Map)) throw damaged();
    return trailer;
  }

  // Follows references; where the object ends is left in this.after.
  resolve(object) {
    for (let n = 0; object instanceof Reference; n++) {
      const at = this.offsets.get(object.number);
      if (!(at > 0 && at < this.text.length)) return null; // a missing object is null (7.3.10)
      const p = new Parser(this.text, at);
      if (n === 8 || p.integer() !== object.number || p.integer() === null || !p.word('obj')) throw damaged();
      object = p.object();
      this.after = p.at;
    }
    return object === undefined ? null : object;
  }

  dictionary(object) {
    object = this.resolve(object);
    if (object === null) return new Map();
    if (!(object instanceof Map)) throw damaged();
    return object;
  }

  list(object) {
    object = this.resolve(object);
    if (object === null) return [];
    if (!Array.isArray(object)) throw damaged();
    return object;
  }

  // The file specifications of a name, from a name tree (7.9.6).
  find(node, name, depth = 0) {
    const entries = this.dictionary(node), found = [];
    if (depth > maxDepth) throw damaged();
    const pairs = this.list(entries.get('Names'));
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      if (++this.names > maxNames) throw damaged();
      if (this.resolve(pairs[i]) === name) found.push(pairs[i + 1]);
    }
    for (const kid of this.list(entries.get('Kids'))) {
      if (++this.names > maxNames) throw damaged();
      found.push(...this.find(kid, name, depth + 1));
    }
    return found;
  }

  async data(spec) {
    this.after = 0;
    const stream = this.resolve(this.dictionary(this.dictionary(spec).get('EF')).get('F')), p = new Parser(this.text, this.after);
    if (!(stream instanceof Map) || !this.after) throw damaged();
    const length = this.resolve(stream.get('Length'));
    if (!p.word('stream')) throw damaged();
    p.at += p.match(/\r?\n/y).length || NaN;
    if (!(Number.isInteger(length) && length >= 0 && length <= maxAttachment && p.at + length <= this.text.length)) throw damaged();
    let filter = stream.get('Filter');
    if (Array.isArray(filter) && filter.length === 1) [filter] = filter;
    const data = this.bytes.subarray(p.at, p.at + length);
    if (filter === undefined || filter === null) return data;
    if (!(filter instanceof Name) || filter.name !== 'FlateDecode') throw damaged();
    return inflate(data);
  }
}

async function inflate(data) {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  const out = [];
  for (let n = 0; ;) {
    const {value, done} = await reader.read();
    if (done) return new Uint8Array(await new Blob(out).arrayBuffer());
    out.push(value);
    if ((n += value.length) > maxAttachment) throw damaged();
  }
}

/** The bytes of the attachment of a name; null where a PDF has none. Throws where it cannot be read, or has it twice. */
export async function attached(bytes, name) {
  const reader = new Reader(bytes);
  const trailer = reader.sections();
  if (trailer.has('Encrypt')) throw damaged();
  const root = reader.dictionary(trailer.get('Root'));
  const specs = reader.find(reader.dictionary(root.get('Names')).get('EmbeddedFiles'), name);
  if (specs.length > 1) throw damaged();
  return specs.length ? reader.data(specs[0]) : null;
}
