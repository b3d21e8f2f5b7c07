// The bounds of a config's sizes in TypeScript, from the one list in src/model/size_bounds.inc.
import { readFile } from 'node:fs/promises';
import { UserError } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';
import { writeIfChanged } from './files.mjs';

const LIST = inRepository('src/model/size_bounds.inc');
const TYPESCRIPT = inRepository('web/architectures/max-sizes.ts');

/**
 * web/architectures/max-sizes.ts
 *
 * @param {string} list the text of size_bounds.inc
 */
export function sizeBoundsTypeScript(list) {
  const rows = Array.from(
    list.matchAll(/^SOTTO_SIZE_BOUND\(\w+, (\w+), (?:1 << (\d+)|(\d+))\)$/gm),
    ([, name, shift, number]) => {
      const most = shift === undefined ? Number(number) : 2 ** Number(shift);
      return `  ${name}: ${String(most).replaceAll(/\B(?=(?:\d{3})+$)/g, '_')},`;
    },
  );
  const nRows = list.match(/^SOTTO_/gm)?.length ?? 0;
  if (rows.length !== nRows) {
    throw new UserError(`size_bounds.inc: ${nRows - rows.length} rows cannot be read`);
  }
  return `// Made from src/model/size_bounds.inc by tools/build/size-bounds.mjs, which \`npm run build\` runs: change the list.

/** The largest sizes that a config may ask for. Larger ones are mistakes: no model that fits comes near them. */
export const MAX = {
${rows.join('\n')}
} as const;
`;
}

/** @returns {Promise<Record<string, string>>} the file that comes from the list, by path, as it should be */
export async function sizeBoundsFiles() {
  return { [TYPESCRIPT]: sizeBoundsTypeScript(await readFile(LIST, 'utf8')) };
}

export async function writeSizeBounds() {
  for (const [path, text] of Object.entries(await sizeBoundsFiles())) await writeIfChanged(path, text);
}
