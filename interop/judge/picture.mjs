// A certificate's picture, read by software that knows nothing of us: jsQR sees the QR code,
// png-chunks-extract finds the baked credential.
import extractChunks from 'png-chunks-extract';
import jsqr from 'jsqr';
import {PNG} from 'pngjs';

const keyword = 'openbadgecredential';

/** Answers the two lines {judge, ok, why} for the bytes of a certificate.png. */
export function judgePicture(png, page, credential) {
  return [readsCode(png, page), readsBaked(png, credential)];
}

function readsCode(png, page) {
  const {data, width, height} = PNG.sync.read(png);
  const code = jsqr(new Uint8ClampedArray(data.buffer, data.byteOffset, data.length), width, height, {
    inversionAttempts: 'dontInvert',
  });
  const text = code?.data ?? 'no code found';
  return {judge: 'QR code', ok: text === page, why: text === page ? '' : text};
}

function readsBaked(png, credential) {
  const chunks = extractChunks(png).filter(chunk => chunk.name === 'iTXt');
  if (chunks.length !== 1) return {judge: 'baked credential', ok: false, why: `${chunks.length} iTXt chunks`};
  // keyword NUL, not compressed, method 0, no language NUL, no translated keyword NUL, text
  const head = Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1');
  const data = Buffer.from(chunks[0].data);
  const ok = data.subarray(0, head.length).equals(head) && data.subarray(head.length).equals(credential);
  return {judge: 'baked credential', ok, why: ok ? '' : data.subarray(0, 60).toString('latin1')};
}
