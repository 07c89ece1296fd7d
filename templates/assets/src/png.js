// The credential that is baked into a picture (Open Badges 3.0, §5.3): one uncompressed iTXt chunk.

import {fromUTF8, same, utf8} from './bytes.js';

const signature = [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10];
const keyword = 'openbadgecredential';

/** Whether bytes begin as a PNG does. */
export const isPNG = bytes => same(bytes.subarray(0, 8), signature);

/** The text baked into a PNG; null where there is none. Throws where the file is damaged or holds more than one. */
export function unbake(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let found = null;
  for (let at = 8; ;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (view.getUint32(at + 8 + length) !== crc(bytes.subarray(at + 4, at + 8 + length))) throw new Error('damaged');
    if (type === 'IEND') return found;
    if (type === 'iTXt' && same(data.subarray(0, keyword.length + 1), utf8(keyword + '\0'))) {
      if (found !== null) throw new Error('two credentials');
      found = text(data.subarray(keyword.length + 1));
    }
    at += 12 + length;
  }
}

// After the keyword: compression flag, compression method, language and translated keyword, each of them ended by 0.
function text(data) {
  if (data[0]) throw new Error('compressed');
  const language = data.indexOf(0, 2), translated = data.indexOf(0, language + 1);
  if (language < 0 || translated < 0) throw new Error('damaged');
  return fromUTF8(data.subarray(translated + 1));
}

function crc(bytes) {
  let c = -1;
  for (const b of bytes) {
    c ^= b;
    for (let i = 0; i < 8; i++) c = c & 1 ? c >>> 1 ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}
