// Runtimes without a page.
import { run } from '../../../tools/lib/process.mjs';
import { nodeProgram } from '../../../tools/toolchain/node.mjs';
import { printingProgram } from '../kinds/programs.mjs';
import { STORY } from '../project.mjs';

/** The outcome that a program printed, on the last line. */
const printed = (output) => JSON.parse(output.trim().split('\n').at(-1));

/**
 * A program of a project, which prints its outcome.
 *
 * @param {string | ((harness: object) => Promise<string> | string)} program
 */
const runBy =
  (program, words, files = { 'main.js': printingProgram() }) =>
  async (harness, name) => {
    const folder = await harness.project(name, files);
    const argv = [await program(harness), ...words];
    return printed(await run(argv, { cwd: folder, env: harness.environment }));
  };

const node = (major) => () => nodeProgram(major);
const tool = (name) => (harness) => harness.tool(name);

const IN_WORKER = { 'main.js': printingProgram({ options: '{ worker: true, threads: 2 }' }) };

/** A CommonJS program: `require` gives the module where Node can, and import() always does. */
const commonJs = (load) => ({
  'package.json': '{ "private": true }',
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

export const runtimes = [
  { name: 'Node 20', run: runBy(node(20), ['main.js']) },
  { name: 'Node 20, in a worker with two threads', run: runBy(node(20), ['main.js'], IN_WORKER) },
  { name: 'Node 24', run: runBy(node(24), ['main.js']) },
  { name: 'Node 24, in a worker with two threads', run: runBy(node(24), ['main.js'], IN_WORKER) },
  { name: 'Node 20, require', run: runBy(node(20), ['main.js'], commonJs('require')) },
  { name: 'Node 24, require', run: runBy(node(24), ['main.js'], commonJs('require')) },
  {
    name: 'Node 20, import() in CommonJS',
    run: runBy(node(20), ['main.js'], commonJs('(name) => import(name)')),
  },
  { name: 'Deno', run: runBy(tool('deno'), ['run', '--allow-all', '--no-prompt', 'main.js']) },
  {
    name: 'Deno, in a worker with two threads',
    run: runBy(tool('deno'), ['run', '--allow-all', 'main.js'], IN_WORKER),
  },
  { name: 'Bun', run: runBy(tool('bun'), ['main.js']) },
  { name: 'Bun, in a worker with two threads', run: runBy(tool('bun'), ['main.js'], IN_WORKER) },
];
