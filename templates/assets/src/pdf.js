// The credential that is attached to a PDF, read as strictly as certgen verify reads it: by the cross-reference sections
// from the newest to the oldest, then from the catalog by its names. Objects lie in the file or in object streams. An
// encrypted file is refused.

import {damaged, Name, Parser, Reference} from './pdfobjects.js';

const maxSections = 64, maxObjects = 1 << 16, maxStreams = 256, maxDepth = 24, maxNames = 256;
const maxUnpacked = 2 << 20; // of all that is unpacked and read on the way to an attachment
const maxAttachment = 4 << 20;

// Not to be read as text: one character a byte is all it is for.
const textOf = bytes => new TextDecoder('latin1').decode(bytes);

const isCount = n => Number.isInteger(n) && n >= 0;

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.text = textOf(bytes);
    this.places = new Map(); // by number: {at} in the file, or {within} an object stream; the newest section counts
    this.streams = new Map();
    this.room = maxUnpacked;
    this.names = 0;
  }

  // The newest trailer.
  async sections() {
    const tail = this.text.slice(-2048), last = tail.lastIndexOf('startxref');
    if (last < 0) throw damaged();
    let at = new Parser(tail, last + 9).integer(), newest;
    for (let n = 0; ; n++) {
      if (!(at > 0 && at < this.text.length) || n === maxSections) throw damaged();
      const trailer = await this.section(at);
      newest = newest || trailer;
      if (trailer.has('XRefStm')) throw damaged(); // two tables in one
      if (!trailer.has('Prev')) return newest;
      at = trailer.get('Prev');
    }
  }

  async section(at) {
    const p = new Parser(this.text, at);
    if (p.word('xref')) return this.table(p);
    if (p.integer() === null || p.integer() === null || !p.word('obj')) throw damaged();
    return this.tableStream(p);
  }

  note(number, place) {
    if (!this.places.has(number)) this.places.set(number, place);
  }

  // A table in plain text and the trailer after it (7.5.4).
  table(p) {
    while (!p.word('trailer')) {
      const first = p.integer(), n = p.integer();
      if (first === null || n === null || first < 0 || n < 0 || first > maxObjects || n > maxObjects) throw damaged();
      for (let i = 0; i < n; i++) {
        const offset = p.integer(), generation = p.integer(), used = p.word('n');
        if (offset === null || generation === null || !used && !p.word('f')) throw damaged();
        this.note(first + i, used && offset > 0 && offset < this.text.length ? {at: offset} : null);
      }
    }
    const trailer = p.object();
    if (!(trailer instanceof Map)) throw damaged();
    return trailer;
  }

  // A cross-reference stream, whose dictionary is the trailer (7.5.8).
  async tableStream(p) {
    const {head, data} = await this.streamAt(p);
    const type = head.get('Type'), widths = head.get('W'), index = head.has('Index') ? head.get('Index') : [0, head.get('Size')];
    if (!(type instanceof Name) || type.name !== 'XRef') throw damaged();
    if (!Array.isArray(widths) || widths.length !== 3 || !widths.every(w => isCount(w) && w <= 4)) throw damaged();
    if (!Array.isArray(index) || index.length % 2 || !index.every(isCount)) throw damaged();
    const rows = await this.unpacked(head, data);
    const size = widths[0] + widths[1] + widths[2];
    let at = 0;
    const field = i => {
      let v = 0;
      for (let n = widths[i]; n > 0; n--) v = v * 256 + rows[at++];
      return v;
    };
    for (let i = 0; i < index.length; i += 2) {
      const [first, n] = index.slice(i);
      if (first > maxObjects || n > maxObjects || !size || at + n * size > rows.length) throw damaged();
      for (let k = 0; k < n; k++) {
        const kind = widths[0] ? field(0) : 1, v = field(1);
        field(2); // an object stream lists its objects by their numbers
        this.note(first + k, kind === 1 ? {at: v} : kind === 2 ? {within: v} : null);
      }
    }
    return head;
  }

  // Follows references.
  async resolve(object) {
    for (let n = 0; object instanceof Reference; n++) {
      if (n === 8) throw damaged();
      const place = this.places.get(object.number);
      if (!place) return null; // a missing object is null (7.3.10)
      object = 'within' in place ? await this.within(place.within, object.number) : this.open(object.number, place.at).object();
    }
    return object === undefined ? null : object;
  }

  open(number, at) {
    const p = new Parser(this.text, at);
    if (!(at > 0 && at < this.text.length) || p.integer() !== number || p.integer() === null || !p.word('obj')) throw damaged();
    return p;
  }

  // The object of a number in an object stream (7.5.7).
  async within(stream, number) {
    if (!this.streams.has(stream)) {
      if (this.streams.size >= maxStreams) throw damaged();
      this.streams.set(stream, null); // whoever needs it before it is read goes in a circle
      this.streams.set(stream, await this.objects(stream));
    }
    const objects = this.streams.get(stream);
    if (!objects || !objects.offsets.has(number)) throw damaged();
    const at = objects.offsets.get(number), p = new Parser(objects.text, at), object = p.object();
    if ((this.room -= p.at - at) < 0) throw damaged(); // a large one may be asked for many times
    return object;
  }

  async objects(number) {
    const {head, data} = await this.stream(new Reference(number));
    const type = head.get('Type'), n = head.get('N'), first = head.get('First');
    if (!(type instanceof Name) || type.name !== 'ObjStm' || !isCount(n) || n > maxObjects || !isCount(first)) throw damaged();
    const text = textOf(await this.unpacked(head, data)), p = new Parser(text.slice(0, first), 0), offsets = new Map();
    for (let i = 0; i < n; i++) {
      const number = p.integer(), at = p.integer();
      if (number === null || !isCount(at) || first + at > text.length || offsets.has(number)) throw damaged();
      offsets.set(number, first + at);
    }
    return {text, offsets};
  }

  // A stream, which is never within another.
  async stream(reference) {
    const place = reference instanceof Reference && this.places.get(reference.number);
    if (!place || !('at' in place)) throw damaged();
    return this.streamAt(this.open(reference.number, place.at));
  }

  async streamAt(p) {
    const head = p.object();
    if (!(head instanceof Map) || !p.word('stream')) throw damaged();
    const length = await this.resolve(head.get('Length'));
    p.at += p.match(/\r?\n/y).length || NaN;
    if (!(isCount(length) && p.at + length <= this.text.length)) throw damaged();
    return {head, data: this.bytes.subarray(p.at, p.at + length)};
  }

  async unpacked(head, data) {
    const out = await unpack(head, data, this.room);
    this.room -= out.length;
    return out;
  }

  async dictionary(object) {
    object = await this.resolve(object);
    if (object === null) return new Map();
    if (!(object instanceof Map)) throw damaged();
    return object;
  }

  async list(object) {
    object = await this.resolve(object);
    if (object === null) return [];
    if (!Array.isArray(object)) throw damaged();
    return object;
  }

  // The file specifications of a name, from a name tree (7.9.6).
  async find(node, name, depth = 0) {
    const entries = await this.dictionary(node), found = [];
    if (depth > maxDepth) throw damaged();
    const pairs = await this.list(entries.get('Names'));
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      if (++this.names > maxNames) throw damaged();
      if (await this.resolve(pairs[i]) === name) found.push(pairs[i + 1]);
    }
    for (const kid of await this.list(entries.get('Kids'))) {
      if (++this.names > maxNames) throw damaged();
      found.push(...await this.find(kid, name, depth + 1));
    }
    return found;
  }

  async data(spec) {
    const files = await this.dictionary((await this.dictionary(spec)).get('EF'));
    const {head, data} = await this.stream(files.get('F'));
    return unpack(head, data, maxAttachment);
  }
}

const only = object => Array.isArray(object) && object.length === 1 ? object[0] : object;

// The data of a stream: as it is, or deflated, perhaps by PNG's filters.
async function unpack(head, data, most) {
  if (data.length > most) throw damaged();
  const filter = only(head.get('Filter')), parameters = only(head.get('DecodeParms'));
  if (filter === undefined || filter === null) return data;
  if (!(filter instanceof Name) || filter.name !== 'FlateDecode') throw damaged();
  const out = await inflate(data, most);
  if (parameters === undefined || parameters === null) return out;
  if (!(parameters instanceof Map)) throw damaged();
  const value = (key, otherwise) => parameters.has(key) ? parameters.get(key) : otherwise;
  const predictor = value('Predictor', 1), columns = value('Columns', 1);
  if (predictor === 1) return out;
  if (!(predictor >= 10 && predictor <= 15 && columns >= 1 && columns <= 64) || value('Colors', 1) !== 1 || value('BitsPerComponent', 8) !== 8) throw damaged();
  return unfilter(out, columns);
}

// Undoes PNG's filters None, Sub and Up, which are all that rows of whole numbers are written with.
function unfilter(rows, columns) {
  const n = Math.floor(rows.length / (columns + 1)), out = new Uint8Array(n * columns);
  for (let y = 0; y < n; y++) {
    const filter = rows[y * (columns + 1)];
    if (filter > 2) throw damaged();
    for (let x = 0; x < columns; x++) {
      const at = y * columns + x;
      out[at] = rows[at + y + 1] + (filter === 1 && x ? out[at - 1] : filter === 2 && y ? out[at - columns] : 0);
    }
  }
  return out;
}

async function inflate(data, most) {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  const out = [];
  for (let n = 0; ;) {
    const {value, done} = await reader.read();
    if (done) return new Uint8Array(await new Blob(out).arrayBuffer());
    out.push(value);
    if ((n += value.length) > most) throw damaged();
  }
}

/** The bytes of the attachment of a name; null where a PDF has none. Throws where it cannot be read, or has it twice. */
export async function attached(bytes, name) {
  const reader = new Reader(bytes);
  const trailer = await reader.sections();
  if (trailer.has('Encrypt')) throw damaged();
  const root = await reader.dictionary(trailer.get('Root'));
  const specs = await reader.find((await reader.dictionary(root.get('Names'))).get('EmbeddedFiles'), name);
  if (specs.length > 1) throw damaged();
  return specs.length ? reader.data(specs[0]) : null;
}
