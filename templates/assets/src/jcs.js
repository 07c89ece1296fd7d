// Strict JSON and its one canonical form (RFC 8785). It refuses what internal/jcs in Go refuses: a signature covers
// bytes, and two readings of one text would let somebody sign one thing and show another.

const maxDepth = 64;
const escapes = {'"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t'};
const numeral = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const plain = /[^"\\\u0000-\u001f]*/y;
const half = /\p{Cs}/u; // of a surrogate pair: two halves that fit are one character to the u flag

/** The canonical form of a JSON text. Throws what parse throws. */
export function canonicalize(text) {
  return serialize(parse(text));
}

/**
 * Reads one JSON value; objects have no prototype. Throws a SyntaxError on names that occur twice, unpaired
 * surrogates, anything after the value, nesting deeper than 64 levels, numbers that no double holds.
 */
export function parse(text) {
  let at = 0;

  const fail = what => { throw new SyntaxError(`at character ${at}: ${what}`); };

  const space = () => {
    while (at < text.length && ' \t\n\r'.includes(text[at])) at++;
    return text[at];
  };

  const match = pattern => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) fail('not a value');
    at += found[0].length;
    return found[0];
  };

  const word = (w, value) => {
    if (!text.startsWith(w, at)) fail('not a value');
    at += w.length;
    return value;
  };

  const string = () => {
    let out = '';
    for (at++; ;) {
      out += match(plain);
      const c = text[at++];
      if (c === '"') break;
      if (c !== '\\') fail('a string that does not end, or holds a control character');
      const e = text[at++];
      if (e === 'u') {
        const hex = text.slice(at, at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) fail('\\u without four hexadecimal digits');
        out += String.fromCharCode(parseInt(hex, 16));
        at += 4;
      } else if (e in escapes) {
        out += escapes[e];
      } else {
        fail('unknown escape');
      }
    }
    if (half.test(out)) fail('half of a surrogate pair');
    return out;
  };

  // Reads what stands between two brackets, item by item.
  const list = (closing, depth, item) => {
    if (depth === maxDepth) fail('nested too deep');
    at++;
    for (let first = true; space() !== closing; first = false) {
      if (!first) {
        if (text[at] !== ',') fail('no comma');
        at++;
        space();
      }
      item(depth + 1);
    }
    at++;
  };

  const value = depth => {
    switch (space()) {
      case '{': {
        const object = Object.create(null);
        list('}', depth, inner => {
          if (text[at] !== '"') fail('no name');
          const name = string();
          if (name in object) fail('a name that occurs twice');
          if (space() !== ':') fail('no colon');
          at++;
          object[name] = value(inner);
        });
        return object;
      }
      case '[': {
        const array = [];
        list(']', depth, inner => array.push(value(inner)));
        return array;
      }
      case '"': return string();
      case 't': return word('true', true);
      case 'f': return word('false', false);
      case 'n': return word('null', null);
    }
    const n = Number(match(numeral));
    if (!Number.isFinite(n)) fail('a number that is too large');
    return n;
  };

  const result = value(0);
  if (space() !== undefined) fail('more after the value');
  return result;
}

/** The canonical form of what parse returns. */
export function serialize(v) {
  if (Array.isArray(v)) return '[' + v.map(serialize).join() + ']';
  if (v && typeof v === 'object') {
    // Names are ordered by UTF-16 code units (§3.2.3), as sort does.
    return '{' + Object.keys(v).sort().map(name => JSON.stringify(name) + ':' + serialize(v[name])).join() + '}';
  }
  return JSON.stringify(v);
}
