// Environments that are pages: what is served, by which server, and what the page then does.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { openPage } from '../../browser/browser.mjs';
import { runProgram } from '../programs.mjs';
import { serve } from '../server.mjs';

/** A development server compiles what a page asks for while the page waits. */
const MOST_MS_TO_RUN = 60_000;

/** Headers of cross-origin isolation, without which there are no threads. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Opens a page and waits for its outcome.
 *
 * @param {import('../harness.mjs').Harness} harness
 * @param {string} url
 */
export async function outcomeOf(harness, url) {
  const { page, complaints, close } = await openPage(await harness.browser(), url);
  try {
    await page.waitForFunction(() => globalThis.outcome !== undefined, null, { timeout: MOST_MS_TO_RUN });
    return { ...(await page.evaluate(() => globalThis.outcome)), complaints };
  } catch (error) {
    throw new Error(`${error.message}\n${complaints.join('\n')}`, { cause: error });
  } finally {
    await close();
  }
}

/**
 * Serves folders and opens a page of theirs.
 *
 * @param {import('../harness.mjs').Harness} harness
 * @param {Parameters<typeof serve>[0]} served
 * @param {{ path?: string, threads?: number }} [asked] the page's path, without a slash in front
 */
export async function openServed(harness, served, { path = '', threads = 1 } = {}) {
  const server = await serve(served);
  try {
    const outcome = await outcomeOf(harness, `${server.url}${path}?threads=${threads}`);
    return { ...outcome, downloads: server.downloads };
  } finally {
    server.close();
  }
}

/**
 * One page, first as any static host sends it, then, where threads work, with the headers that they need.
 *
 * @returns what came of the first, with the threads of the second
 */
export async function openBothWays(harness, served, { path, threads }) {
  const outcome = await openServed(harness, served, { path });
  if (threads !== 'with headers') return outcome;
  const isolated = await openServed(harness, { ...served, headersOf: () => ISOLATION }, { path, threads: 2 });
  return { ...outcome, isolated };
}

/**
 * A project that a tool makes a page of.
 *
 * @param {object} how
 * @param {Record<string, string>} how.files of the project
 * @param {string[][]} how.build command lines, with the name of a tool in front
 * @param {string} how.output the folder that is published
 * @param {Record<string, string>} [how.copies] what is copied to where, as `cp -r` does: folders of the project
 * @param {string} [how.base] the path that it is published at, with a slash at both ends
 * @param {object} [how.metadata] more members of its package.json
 * @returns {import('../harness.mjs').Run}
 */
export const bundled =
  ({ files, build, output, copies = {}, base = '/', metadata }) =>
  async (harness, name, { threads, refused }) => {
    const project = await harness.project(name, files, metadata);
    try {
      for (const [tool, ...words] of build)
        await runProgram([harness.tool(tool), ...words], { cwd: project, env: harness.environment });
    } catch (error) {
      if (refused === undefined) throw error;
      return { error: error.message };
    }
    for (const [from, to] of Object.entries(copies))
      await cp(join(project, from), join(project, to), { recursive: true });
    const served = { folders: { [base]: join(project, output) } };
    return openBothWays(harness, served, { path: base.slice(1), threads });
  };
