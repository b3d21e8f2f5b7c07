// What the rows of the environment table run with: a workspace, a browser, and the text that Node gives.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { inRepository } from '../../tools/lib/folders.mjs';
import { nativeProgram } from '../../tools/toolchain/environment-tools.mjs';
import { launchBrowser } from '../browser/browser.mjs';
import { makeWorkspace, OPTIONS, PROMPT } from './project.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const MODEL = 'demo/models/tiny-stories';

/** Programs that come as they are in a package for this system. */
const NATIVE = {
  bun: ['@oven/bun-', 'bin/bun'],
  deno: ['@deno/', 'deno'],
  workerd: ['@cloudflare/workerd-', 'bin/workerd'],
};

/** @typedef {Awaited<ReturnType<typeof makeHarness>>} Harness */

/**
 * Makes and runs a project in an environment.
 *
 * @typedef {(harness: Harness, name: string, row: Row) => Promise<Outcome>} Run
 */

/**
 * What came of it: either a text or an error.
 *
 * @typedef {object} Outcome
 * @property {string} [text]
 * @property {number} [threads]
 * @property {string} [error] name, code and message
 * @property {string[]} [complaints] what a page logged
 * @property {import('./server.mjs').Download[]} [downloads]
 * @property {Outcome} [isolated] the same page with the headers that threads need
 */

/**
 * An environment: a row of the table.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {string} [entry] what is imported, where it is not 'sotto' alone
 * @property {string} [needs] what has to be set or done, in Markdown
 * @property {'yes' | 'no' | 'with headers'} [threads]
 * @property {RegExp} [refused] where it cannot work: the error that says so
 * @property {string} [cannot] why it is not run here at all, in Markdown
 * @property {boolean} [isDevelopment] what it downloads is of no interest
 * @property {Run} [run]
 */

export async function makeHarness() {
  const workspace = await makeWorkspace();
  const natives = {};
  for (const [name, [prefix, path]] of Object.entries(NATIVE))
    natives[name] = await nativeProgram(workspace.tools, prefix, path);
  let browser;
  let expected;
  return {
    /** The environment of tools: they tell nobody that they run. */
    environment: {
      ...process.env,
      NEXT_TELEMETRY_DISABLED: '1',
      PARCEL_WORKERS: '0',
      NO_COLOR: '1',
      DENO_NO_UPDATE_CHECK: '1',
      DO_NOT_TRACK: '1',
    },
    project: workspace.make,
    tools: workspace.tools,
    /** The path of a tool's program. */
    tool: (name) => natives[name] ?? join(workspace.tools, 'node_modules/.bin', name),
    /** Whether the packed package has an entry: 'sotto', 'sotto/inline'. */
    hasEntry: (entry) => workspace.exports[entry.replace(/^sotto/, '.')] !== undefined,
    browser: async () => {
      browser ??= launchBrowser();
      return browser;
    },
    /** The text that every environment has to give: this Node's, from the package as it is built. */
    expectedText: async () => {
      expected ??= tellHere();
      return expected;
    },
    async close() {
      await (await browser)?.close();
      await workspace.remove();
    },
  };
}

async function tellHere() {
  const { LanguageModel } = await import('sotto');
  const model = await LanguageModel.load(inRepository(MODEL));
  const text = await model.generate(PROMPT, OPTIONS).text();
  await model.dispose();
  assert.ok(text.length > 20, text);
  return text;
}

/** The sha256 of each file of the model, by which its downloads are told from ours. */
let modelHashes;
async function hashesOfModel() {
  const names = (await readdir(inRepository(MODEL))).filter((name) => /\.(json|safetensors)$/.test(name));
  return new Set(
    await Promise.all(names.map(async (name) => sha256(await readFile(inRepository(MODEL, name))))),
  );
}

/**
 * What a page has downloaded beside its document and the model.
 *
 * @param {import('./server.mjs').Download[]} downloads
 */
export async function figuresOf(downloads) {
  modelHashes ??= await hashesOfModel();
  const ours = downloads.filter(
    (each) => each.status === 200 && !/(\/|\.html)$/.test(each.path) && !modelHashes.has(sha256(each.body)),
  );
  const bytes = ours.reduce((sum, each) => sum + gzipSync(each.body).length, 0);
  return { files: ours.length, kilobytes: Math.round(bytes / 1000), paths: ours.map(({ path }) => path) };
}
