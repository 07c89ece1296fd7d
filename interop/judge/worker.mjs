// One thread of judge.mjs: takes a file name, answers with what the judges say of it.
import {serveTree, treeFile} from './offline.mjs';
import fs from 'node:fs';
import {parentPort, workerData} from 'node:worker_threads';
import {judgeWithin} from './clock.mjs';
import {acceptance, refusal} from './document.mjs';
import {judgePicture} from './picture.mjs';

const {tree, base, changes, pictures} = workerData;
serveTree(tree, base);

parentPort.on('message', async file => {
  const lines = [];
  try {
    const bytes = fs.readFileSync(treeFile(`${base}/${file}`));
    const document = JSON.parse(bytes);
    judgeWithin(document);
    for await (const line of acceptance(document)) lines.push({file, ...line});
    if (changes) for await (const line of refusal(document)) lines.push({file, ...line});
    if (pictures && file.startsWith('c/')) {
      const picture = file.replace('credential.json', 'certificate.png');
      const png = fs.readFileSync(treeFile(`${base}/${picture}`));
      const page = `${base}/${file.replace('credential.json', '')}`;
      for (const line of judgePicture(png, page, bytes)) lines.push({file: picture, ...line});
    }
  } catch (error) {
    lines.push({file, judge: 'reading', ok: false, why: error.stack});
  }
  parentPort.postMessage(lines);
});
