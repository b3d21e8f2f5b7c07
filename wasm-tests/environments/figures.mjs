// What pages of the table download beside their document and the model, as it was noted: docs/support.md tells it.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { inRepository, withLock } from '../../tools/lib/folders.mjs';

const FILE = inRepository('wasm-tests/environments/figures.json');

const read = () => JSON.parse(readFileSync(FILE, 'utf8'));

/** @type {Record<string, { files: number, kilobytes: number }>} by the row's name; compressed by gzip */
export const FIGURES = read();

/** Notes the figures of a row; two test files may do so at a time. */
export function noteFigures(name, figures) {
  return withLock(inRepository('build/.figures-lock'), async () => {
    const all = { ...read(), [name]: figures };
    const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
    await writeFile(FILE, `${JSON.stringify(sorted, null, 2)}\n`);
  });
}
