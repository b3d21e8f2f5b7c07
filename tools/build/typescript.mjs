// web/ -> dist/, one file to one file.
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { phase } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';
import { run } from '../lib/process.mjs';
import { withoutComments, writeIfChanged } from './files.mjs';

/** Folders of dist/ that other steps fill. */
const NOT_OURS = ['wasm', 'vendor'];

/** Removes what an earlier build made of files that are no longer there. */
async function removeOrphans() {
  for (const name of await readdir(inRepository('dist'), { recursive: true })) {
    if (NOT_OURS.includes(name.split(/[\\/]/)[0])) continue;
    const stem = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(name)?.[1];
    if (stem !== undefined && !existsSync(inRepository('web', `${stem}.ts`)))
      await rm(join(inRepository('dist'), name));
  }
}

/** The declarations beside the scripts keep their comments. */
async function removeComments() {
  for (const name of await readdir(inRepository('dist'), { recursive: true })) {
    if (NOT_OURS.includes(name.split(/[\\/]/)[0]) || !name.endsWith('.js')) continue;
    const path = join(inRepository('dist'), name);
    await writeIfChanged(path, withoutComments(await readFile(path, 'utf8')));
  }
}

/** The package's command. */
const PROGRAM = 'dist/cli/main.js';

/** Compiles and checks the TypeScript. */
export async function compileTypeScript() {
  const tsc = [
    process.execPath,
    inRepository('node_modules/typescript/bin/tsc'),
    '--project',
    inRepository('tsconfig.json'),
  ];
  await phase('Compiling the TypeScript', (report) => run(tsc, { report }));
  await removeComments();
  await removeOrphans();
  await chmod(inRepository(PROGRAM), 0o755);
}
