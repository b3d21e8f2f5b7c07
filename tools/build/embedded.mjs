// The module that inline.js has its binaries and its worker's script from (web/base/embedded.d.ts).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Those for one thread. */
const VARIANTS = ['simd', 'relaxed'];

const packed = (content) => gzipSync(content, { level: 9 }).toString('base64');

/**
 * Its code in the page.
 *
 * @param {string} worker the code of the worker's script
 * @param {string} folder where the binaries are
 */
export async function embeddedInPage(worker, folder) {
  const binaries = await Promise.all(
    VARIANTS.map(async (name) => [name, packed(await readFile(join(folder, `${name}.wasm`)))]),
  );
  return [
    `export const BINARIES = ${JSON.stringify(Object.fromEntries(binaries))};`,
    `export const WORKER = ${JSON.stringify(packed(worker))};`,
  ].join('\n');
}

/** Its code in the worker, which has the binaries from the page: they are in inline.js once. */
export const embeddedInWorker = () => 'export const BINARIES = SOTTO_BINARIES; export const WORKER = "";';
