// Runtimes without a page.
import { nodeProgram } from '../../../tools/toolchain/node.mjs';
import { printingProgram } from '../kinds/programs.mjs';
import { inWorkerd } from '../kinds/workerd.mjs';
import { runProgram } from '../programs.mjs';
import { STORY } from '../project.mjs';

/** The outcome that a program printed, on the last line. */
const printed = (output) => JSON.parse(output.trim().split('\n').at(-1));

const HERE = { 'main.js': printingProgram() };
const IN_WORKER = { 'main.js': printingProgram({ options: '{ worker: true, threads: 2 }' }) };
const IN_WORKER_ALONE = { 'main.js': printingProgram({ options: '{ worker: true }' }) };

/**
 * A program of a project, which prints its outcome.
 *
 * @param {(harness: import('../harness.mjs').Harness) => Promise<string> | string} program
 * @param {string[]} words
 * @param {Record<string, string>} files
 * @param {object} [metadata] of package.json
 * @returns {import('../harness.mjs').Run}
 */
const runBy = (program, words, files, metadata) => async (harness, name) => {
  const folder = await harness.project(name, files, metadata);
  const argv = [await program(harness), ...words];
  return printed(await runProgram(argv, { cwd: folder, env: harness.environment }));
};

const tool = (name) => (harness) => harness.tool(name);
const node = (major) => () => nodeProgram(major);
const byNode = (major, files, metadata) => runBy(node(major), ['main.js'], files, metadata);
const byDeno = (files) => runBy(tool('deno'), ['run', '--allow-all', '--no-prompt', 'main.js'], files);
const byBun = (files) => runBy(tool('bun'), ['main.js'], files);

/** A CommonJS program: `require` gives the module where Node can, and import() always does. */
const commonJs = (load) => ({
  'story.mjs': STORY,
  'main.js': `
const load = ${load};
(async () => {
  const { LanguageModel } = await load('sotto');
  const { default: tinyStories } = await load('sotto-tiny-stories');
  const { tell } = await import('./story.mjs');
  console.log(JSON.stringify(await tell(() => LanguageModel.load(tinyStories))));
})();
`,
});

/** The rows of a release of Node. */
const nodeRows = (major) => [
  { name: `Node ${major}`, needs: '', threads: 'no', run: byNode(major, HERE) },
  {
    name: `Node ${major}, in a worker`,
    needs: '`worker: true`, and `threads` or not',
    threads: 'yes',
    run: byNode(major, IN_WORKER),
  },
  {
    name: `Node ${major}, require`,
    needs: major === 20 ? 'Node 20.19' : '',
    threads: 'no',
    run: byNode(major, commonJs('require'), {}),
  },
  {
    name: `Node ${major}, import() in CommonJS`,
    needs: '',
    threads: 'no',
    run: byNode(major, commonJs('(name) => import(name)'), {}),
  },
];

export const runtimes = [
  ...nodeRows(20),
  ...nodeRows(24),
  { name: 'Deno', needs: '', threads: 'no', run: byDeno(HERE) },
  { name: 'Deno, in a worker', needs: '`worker: true`', threads: 'no', run: byDeno(IN_WORKER_ALONE) },
  { name: 'Deno, with threads', threads: 'yes', run: byDeno(IN_WORKER) },
  { name: 'Bun', needs: '', threads: 'no', run: byBun(HERE) },
  { name: 'Bun, in a worker', needs: '`worker: true`', threads: 'no', run: byBun(IN_WORKER_ALONE) },
  { name: 'Bun, with threads', threads: 'yes', run: byBun(IN_WORKER) },
  {
    name: 'workerd',
    entry: 'sotto/edge',
    needs: "the binary imported from `sotto/wasm/simd.wasm`, given as `wasm: { module }`; the model's bytes",
    threads: 'no',
    run: inWorkerd,
  },
  {
    name: 'Electron',
    cannot:
      'its npm package holds no program, but fetches one from elsewhere when it is installed; its pages are Chromium’s, and are told from Node by their document',
  },
];
