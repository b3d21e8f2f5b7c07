// npm run pictures: makes the pictures of docs/how-it-works/ from runs of the embedded model. All that they show is computed
// when this runs; the engine gives the same bits everywhere, so wasm-tests/docs/pictures.test.mjs makes them again and compares.
import './setup.mjs';
import '../wasm-tests/relaxed-simd.mjs';
import { mkdir, writeFile } from 'node:fs/promises';
import { main } from './lib/console.mjs';
import { inRepository } from './lib/folders.mjs';
import { drawAll } from './pictures/all.mjs';

const FOLDER = 'docs/pictures/how';

await main(async () => {
  await mkdir(inRepository(FOLDER), { recursive: true });
  for (const [name, svg] of await drawAll()) {
    await writeFile(inRepository(FOLDER, name), svg);
    console.log(`${FOLDER}/${name}: ${Buffer.byteLength(svg)} bytes`);
  }
});
