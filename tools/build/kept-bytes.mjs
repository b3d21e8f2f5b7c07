// What weights that come in blocks take in memory, in TypeScript, from the lists in src/tensor.
import { readFile } from 'node:fs/promises';
import { UserError } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';
import { writeIfChanged } from './files.mjs';

const FORMATS = inRepository('src/tensor/block_formats.inc');
const TYPES = inRepository('src/tensor/weight_types.inc');
const TYPESCRIPT = inRepository('web/architectures/kept-bytes.ts');

/** Rows of weights that share a panel: kPanelRows of weight_type.h. */
const PANEL_ROWS = 8;

/** The rows of a list, as their arguments; all must be of the form. */
function rowsOf(list, name, form) {
  const rows = Array.from(list.matchAll(form), (match) => match.slice(1));
  const nRows = list.match(/^SOTTO_/gm)?.length ?? 0;
  if (rows.length === nRows) return rows;
  throw new UserError(`${name}: ${nRows - rows.length} rows cannot be read`);
}

/**
 * web/architectures/kept-bytes.ts
 *
 * @param {string} formats the text of block_formats.inc
 * @param {string} types the text of weight_types.inc
 */
export function keptBytesTypeScript(formats, types) {
  const panels = new Map(
    rowsOf(
      types,
      'weight_types.inc',
      /^SOTTO_WEIGHT_TYPE\((\w+), \w+, \w+, "\w+", (\d+), \d+, (\d+), .*\)$/gm,
    ).map(([type, columns, bytes]) => [type, `${bytes} / ${Number(columns) * PANEL_ROWS}`]),
  );
  const rows = rowsOf(
    formats,
    'block_formats.inc',
    /^SOTTO_BLOCK_FORMAT\(\w+, "(\w+)", \d+, \d+, (\w+), \w+\)$/gm,
  ).map(([name, type]) => `  ['${name}', ${panels.get(type)}],`);
  return `// Made from src/tensor/block_formats.inc and weight_types.inc by tools/build/kept-bytes.mjs, which \`npm run build\` runs:
// change the lists.

/** Bytes in memory of a weight that comes in blocks, by their type, where it stays what it is. */
export const KEPT_BYTES_PER_WEIGHT: ReadonlyMap<string, number> = new Map([
${rows.join('\n')}
]);
`;
}

/** @returns {Promise<Record<string, string>>} the file that comes from the lists, by path, as it should be */
export async function keptBytesFiles() {
  const [formats, types] = await Promise.all([readFile(FORMATS, 'utf8'), readFile(TYPES, 'utf8')]);
  return { [TYPESCRIPT]: keptBytesTypeScript(formats, types) };
}

export async function writeKeptBytes() {
  for (const [path, text] of Object.entries(await keptBytesFiles())) await writeIfChanged(path, text);
}
