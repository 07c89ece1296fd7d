// The look-up page: a number typed, a file dropped, a code scanned.

import {parse} from './jcs.js';
import {examine} from './examine.js';
import {copies} from './engine.js';
import {fetchText} from './fetch.js';
import {fromUTF8} from './bytes.js';
import {isPNG, unbake} from './png.js';
import {readNumber} from './number.js';
import {prepareField} from './numberfield.js';
import {decoded, prepareCopy} from './certificate.js';
import {drawReport} from './draw.js';
import {both, clone, find, findAll, icon, inSentence, site} from './page.js';

const most = 32 << 20; // bytes of a file

export function lookupPage() {
  prepareField('');
  drawFalseAddresses();
  prepareDrop();
  prepareScan();
}

// A look-alike can copy everything but the address, so the page shows what one would be like for this very host.
function drawFalseAddresses() {
  const {hostname} = new URL(site.base);
  const [added, alike] = findAll('.addr .no');
  find('[data-slot=host]', added).textContent = hostname;
  added.hidden = false;
  const labels = hostname.split('.');
  if (labels.length < 2) return;
  const place = find('[data-slot=alike]', alike);
  labels.slice(0, -1).forEach((label, i) => {
    if (i) place.append(bold('-'));
    place.append(label);
  });
  place.append(bold('.test'));
  alike.hidden = false;
}

function bold(text) {
  const b = document.createElement('b');
  b.textContent = text;
  return b;
}

function prepareDrop() {
  const zone = find('#drop'), input = find('#file');
  find('[data-do=file]').addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    if (input.files.length) take(input.files[0]);
    input.value = '';
  });
  // Anywhere on the page: a file dropped beside the zone would otherwise take the page's place.
  addEventListener('dragover', event => {
    event.preventDefault();
    zone.classList.add('over');
  });
  addEventListener('dragleave', event => {
    if (!event.relatedTarget) zone.classList.remove('over');
  });
  addEventListener('drop', event => {
    event.preventDefault();
    zone.classList.remove('over');
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
}

async function take(file) {
  find('#fb-file').replaceChildren();
  find('#found').replaceChildren();
  document.documentElement.dataset.verdict = 'unchecked';
  let text, bytes;
  try {
    if (file.size > most) throw new Error('too large');
    bytes = new Uint8Array(await new Response(file).arrayBuffer());
    text = await read(bytes, file.type);
  } catch (e) {
    return refuse(['这个文件无法读取，可能已经损坏。', 'This file cannot be read. It may be damaged.']);
  }
  if (text === null) {
    return refuse(['这个文件里没有签名：截图、照片、打印或另存过的图片和 PDF 都不含签名。请使用证书的原件。',
      'There is no signed file in it. Screenshots, photos, prints, and pictures and PDFs that were saved anew lose it. Use the original.']);
  }
  let json;
  try {
    json = parse(text);
  } catch (e) {
    return refuse(['这不是证书的签名文件，或者文件已经损坏。', 'This is not a certificate’s signed file, or it is damaged.']);
  }
  const issuer = json && json.issuer, id = issuer && (issuer.id || issuer);
  if (typeof id !== 'string' || !json.credentialSubject) {
    return refuse(['这不是证书的签名文件。', 'This is not a certificate’s signed file.']);
  }
  if (id !== site.did) {
    return refuse([`这份文件不是由${inSentence(site.issuer)[0]}颁发的。其他机构颁发的证书，请到该机构的网站核验。`,
      `This file was not issued by ${site.issuer}. Certificates of other issuers are verified on their own sites.`]);
  }
  await show(file.name, text, bytes);
}

// The credential in a file; null where a picture or a PDF holds none.
async function read(bytes, type) {
  if (isPNG(bytes)) return unbake(bytes);
  if (isPDF(bytes)) {
    const doc = await (await copies()).credentialIn(bytes);
    return doc && fromUTF8(doc);
  }
  if (/^image\//.test(type)) return null;
  return fromUTF8(bytes);
}

const isPDF = bytes => String.fromCharCode(...bytes.subarray(0, 5)) === '%PDF-';

async function show(name, text, bytes) {
  const report = await examine(site, async () => text, fetchText, [], Date.now());
  const {facts} = report;
  find('#found').replaceChildren(clone('found', {
    file: name,
    page: report.verified ? `/c/${facts.number}/` : undefined,
  }));
  drawReport(report, Date.now(), () => show(name, text, bytes));
  prepareCopy();
  find('#found').scrollIntoView();
  find('#say').focus({preventScroll: true});
  if (report.verified) await compare(bytes, `/c/${facts.number}/certificate`);
}

// A picture or a PDF beside the one that is published, where they differ. The verdict is the credential's and stays.
async function compare(bytes, path) {
  const ending = isPNG(bytes) ? '.png' : isPDF(bytes) ? '.pdf' : '';
  const result = ending && await (await copies()).compare(bytes, path + ending);
  if (!result) return;
  const picture = ending === '.png';
  const mine = URL.createObjectURL(new Blob([bytes], {type: picture ? 'image/png' : 'application/pdf'}));
  const copy = clone('copy-' + result, {mine, published: path + ending});
  const [left, right] = findAll('img', copy);
  if (right) right.src = path + '.png';
  if (left && picture) left.src = mine;
  else if (left) left.remove();
  find('#copy').replaceChildren(copy);
}

function refuse(sentence) {
  const line = find('#fb-file');
  line.className = 'fb err';
  line.replaceChildren(icon('r-fail'), both(sentence));
}

// A photo of the code, taken or chosen; only where the browser itself reads codes.
async function prepareScan() {
  const formats = globalThis.BarcodeDetector ? await BarcodeDetector.getSupportedFormats().catch(() => []) : [];
  if (!formats.includes('qr_code')) return;
  const button = find('[data-do=scan]'), input = find('#photo');
  button.hidden = false;
  button.addEventListener('click', () => input.click());
  input.addEventListener('change', async () => {
    const [file] = input.files;
    input.value = '';
    if (!file) return;
    let codes = [];
    try {
      codes = await new BarcodeDetector({formats: ['qr_code']}).detect(await createImageBitmap(file));
    } catch (e) { /* no picture: no code */ }
    follow(codes.map(code => code.rawValue));
  });
}

// Goes to the certificate that a code names, on this very site and nowhere else.
function follow([code]) {
  if (!code) return refuse(['没有找到二维码，请靠近一些再拍。', 'No QR code was found. Move closer and try again.']);
  let url;
  try {
    url = new URL(code);
  } catch (e) {
    return refuse(['这个二维码里没有网址。', 'This QR code holds no address.']);
  }
  const path = /^\/c\/([^/]+)/.exec(url.pathname);
  const {number} = path ? readNumber(decoded(path[1])) : {};
  if (url.host !== site.host || !number) {
    return refuse([`请当心：二维码指向 ${url.host}，不是 ${site.host} 上的证书。`, `Take care: the code leads to ${url.host}, not to a certificate on ${site.host}.`]);
  }
  location.assign(`/c/${number}/`);
}
