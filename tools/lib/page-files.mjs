// The files of the demo's page and of the package that it runs, with their hashes: what the service worker goes by.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inRepository } from './folders.mjs';

/** The name of the list, beside the page. */
export const LIST = 'page-files.json';

const HASH_LETTERS = 16;

/** What pages do not ask for: other ways into the package, and what is for Node. */
const NOT_OF_PAGE = [
  'ai-sdk',
  'cli',
  'edge',
  'engine',
  'inline',
  'node-file',
  'node-folder',
  'node-helper',
  'prompt-api',
].map((name) => `sotto/${name}.js`);

/** By the path that they are served at. */
const FOLDERS = { '': 'demo', 'sotto/': 'dist' };
const isOfPage = (path) =>
  /\.(css|js|png|svg|wasm|webmanifest)$/.test(path) &&
  !path.startsWith('models/') &&
  path !== 'service-worker.js' &&
  !NOT_OF_PAGE.includes(path);

/** What loading the page's own model asks for. */
const isOfModel = (path) =>
  /^models\/[^/]+\/(config|generation_config|tokenizer|tokenizer_config)\.json$|\.safetensors$/.test(path);

/** @returns {Promise<Record<string, string>>} the beginning of each file's sha256 in hex, by its path below the page */
export async function pageFiles() {
  const lists = Object.entries(FOLDERS).map(async ([path, folder]) => {
    const names = await readdir(inRepository(folder), { recursive: true });
    const wanted = names
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => isOfPage(path + name) || isOfModel(path + name));
    return Promise.all(
      wanted.map(async (name) => [path + name, await hashOf(join(inRepository(folder), name))]),
    );
  });
  return Object.fromEntries((await Promise.all(lists)).flat().sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function hashOf(file) {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, HASH_LETTERS);
}
