// Projects whose blocks are built by the tools of the environment table, as a reader would build them.
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { openPage } from '../browser/browser.mjs';
import { serve } from '../environments/server.mjs';
import { writeFiles } from './installed.mjs';
import { connect } from './served.mjs';
import { commandsOf, shellIn } from './shell.mjs';

/** Programs that the tools' packages hold elsewhere than node_modules/.bin. */
const NATIVE = ['bun', 'deno'];

/**
 * Runs the commands of blocks in a project.
 *
 * @param {import('../environments/harness.mjs').Harness} harness
 * @param {string} folder
 * @param {Pick<import('./code-blocks.mjs').CodeBlock, 'code'>[]} blocks
 */
export async function runCommands(harness, folder, blocks) {
  const programs = { npx: 'exec "$@"' }; // whose programs are not in the project's own folder here
  for (const each of NATIVE) programs[each] = `exec "${harness.tool(each)}" "$@"`;
  for (const [program, line] of Object.entries(programs)) {
    writeFiles(folder, { [`bin/${program}`]: `#!/bin/sh\n${line}\n` });
    chmodSync(join(folder, 'bin', program), 0o755);
  }
  const own = [join(folder, 'bin'), join(harness.tools, 'node_modules/.bin')];
  const env = { ...harness.environment, PATH: [...own, process.env.PATH].join(delimiter) };
  const run = shellIn(folder, env);
  for (const command of blocks.flatMap(commandsOf))
    await run(command).catch((error) => {
      throw new Error(`${command}\n${error.stdout}\n${error.stderr}`, { cause: error });
    });
}

/** A project with files, in which commands have been run. @returns Its folder. */
export async function build(harness, name, files, blocks, metadata) {
  const folder = await harness.project(name, files, metadata);
  await runCommands(harness, folder, blocks);
  return folder;
}

/**
 * Opens the page of a folder, or of a server, and gives it to `use`.
 *
 * @param {import('../environments/harness.mjs').Harness} harness
 * @param {{ folder: string } | { upstream: string }} served
 * @param {(page: import('playwright-core').Page) => Promise<void>} use
 * @param {{ endpoint: string }} [hub]
 */
export async function withPage(harness, served, use, hub) {
  const server = 'folder' in served ? await serve({ folders: { '/': served.folder } }) : { close() {} };
  const opened = await openPage(await harness.browser(), 'about:blank');
  const { page, complaints, close } = opened;
  try {
    await connect(page.context(), hub);
    await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
    await page.goto(server.url ?? served.upstream);
    await use(page).catch((error) => {
      throw new Error(`the page logged ${JSON.stringify(complaints)}`, { cause: error });
    });
    assert.deepEqual(complaints, []);
  } finally {
    await close();
    server.close();
  }
}
