// web/ -> build/web/, one file to one file: what the tests look inside, and the declarations of the package.
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { phase } from '../lib/console.mjs';
import { inRepository } from '../lib/folders.mjs';
import { run } from '../lib/process.mjs';

/** Folders of build/web/ that other steps fill. */
const NOT_OURS = ['wasm', 'vendor'];

/** Removes what an earlier build made of files that are no longer there. */
async function removeOrphans() {
  for (const name of await readdir(inRepository('build/web'), { recursive: true })) {
    if (NOT_OURS.includes(name.split(/[\\/]/)[0])) continue;
    const stem = /^(.*?)(?:\.d\.ts|\.js)$/.exec(name)?.[1];
    if (stem !== undefined && !existsSync(inRepository('web', `${stem}.ts`)))
      await rm(join(inRepository('build/web'), name));
  }
}

/** Compiles and checks the TypeScript. */
export async function compileTypeScript() {
  const tsc = [
    process.execPath,
    inRepository('node_modules/typescript/bin/tsc'),
    '--project',
    inRepository('tsconfig.json'),
  ];
  await phase('Compiling the TypeScript', (report) => run(tsc, { report }));
  await removeOrphans();
}
