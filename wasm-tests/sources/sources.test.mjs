import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';

import { openSource } from '../../build/web/sources/open.js';
import { resolveSource } from '../../build/web/sources/spec.js';
import { FILES, testSource } from './conformance.mjs';
import { filesHandler, serve } from './file-server.mjs';

const folder = await mkdtemp(join(tmpdir(), 'sotto-sources-'));
after(() => rm(folder, { recursive: true }));
for (const [name, bytes] of Object.entries(FILES)) {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), bytes);
}
const address = await serve({ after }, filesHandler(FILES));
const seeking = await serve({ after }, filesHandler(FILES, { ranges: true }));

const named = (wrap) => Object.fromEntries(Object.entries(FILES).map(([name, bytes]) => [name, wrap(bytes)]));

function chosenFile(path, bytes) {
  const file = new File([bytes], path.slice(path.lastIndexOf('/') + 1));
  if (path.includes('/')) Object.defineProperty(file, 'webkitRelativePath', { value: path });
  return file;
}

/** A view in the middle of a larger buffer: its surroundings must not be taken for the file. */
function viewInBuffer(bytes) {
  const buffer = new Uint8Array(bytes.length + 20).fill(0xee);
  buffer.set(bytes, 10);
  return new DataView(buffer.buffer, 10, bytes.length);
}

const inputs = {
  URL: `${address}/models`,
  'URL that gives parts': `${seeking}/models`,
  'URL object': new URL(`${address}/models/?token=1#part`),
  path: folder,
  'relative path': relative('.', folder),
  'file URL': pathToFileURL(folder).href,
  'file URL object': pathToFileURL(`${folder}/`),
  files: Object.entries(FILES).map(([name, bytes]) => chosenFile(name, bytes)),
  'files of a folder': Object.entries(FILES).map(([name, bytes]) => chosenFile(`gpt2/${name}`, bytes)),
  bytes: FILES,
  'array buffers': named((bytes) => bytes.slice().buffer),
  views: named(viewInBuffer),
  blobs: named((bytes) => new Blob([bytes])),
};

// Through a structured clone, as on the way to a worker.
for (const [name, input] of Object.entries(inputs)) {
  const hasList = !name.startsWith('URL'); // a server of files has none
  testSource(name, () => openSource(structuredClone(resolveSource(input))), { hasList });
}
