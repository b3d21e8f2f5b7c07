// Where the engine runs: programs and pages that do the jobs of token-hash.mjs.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inRepository } from '../../tools/lib/folders.mjs';
import { startServer } from '../../tools/serve.mjs';
import { nodeProgram } from '../../tools/toolchain/node.mjs';
import { launchBrowser, openPage } from '../browser/browser.mjs';
import { launchFirefox } from '../browser/firefox.mjs';

const execute = promisify(execFile);

/** A job that takes longer hangs: its threads wait for each other. */
const MOST_MS_PER_JOB = 60_000;

/** Node 20 can run the relaxed instructions, but does so only when it is asked to. */
const OPTIONS_OF_NODE = { 20: ['--experimental-wasm-relaxed-simd'] };

/**
 * @typedef {object} Host
 * @property {(job: Omit<import('./token-hash.mjs').Job, 'base'>) => ReturnType<import('./token-hash.mjs').tokenHashes>} run
 * @property {() => Promise<void>} close
 */

/** @returns {Promise<Host>} a process for each job */
export async function startNode(major) {
  const program = await nodeProgram(major);
  const base = new URL('../', import.meta.resolve('sotto/engine')).href;
  const script = inRepository('wasm-tests/determinism/token-hash-node.mjs');
  const options = OPTIONS_OF_NODE[major] ?? [];
  return {
    async run(job) {
      const model = { ...job.model, folder: inRepository(job.model.folder) };
      const argument = JSON.stringify({ ...job, base, model });
      const { stdout } = await execute(program, [...options, script, argument], { timeout: MOST_MS_PER_JOB });
      return JSON.parse(stdout);
    },
    close: async () => {},
  };
}

/** Runs in the page: a worker does the job. */
function runInWorker({ job, mostMs }) {
  const worker = new Worker('/wasm-tests/determinism/token-hash-worker.mjs', { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { result, error } }) =>
      error === undefined ? resolve(result) : reject(new Error(error));
    worker.onerror = ({ message }) => reject(new Error(message || 'the worker did not start'));
    setTimeout(() => reject(new Error(`no result after ${mostMs} ms`)), mostMs);
    worker.postMessage(job);
  }).finally(() => worker.terminate());
}

/** A host that is a page; `open` starts a browser with a page at an address. */
async function startPage(open) {
  const folders = { '/wasm-tests/': 'wasm-tests', '/demo/': 'demo' };
  const server = await startServer({ port: 0, folders });
  const at = (path) => new URL(path, server.url).href;
  try {
    const { page, close } = await open(at('icon.svg'));
    return {
      run(job) {
        const model = { ...job.model, folder: at(job.model.folder) };
        const placed = { ...job, base: at('sotto/'), model };
        return page.evaluate(runInWorker, { job: placed, mostMs: MOST_MS_PER_JOB });
      },
      close: () => Promise.all([close(), server.close()]),
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** @returns {Promise<Host>} */
export function startChromium() {
  return startPage(async (url) => {
    const browser = await launchBrowser();
    const { page } = await openPage(browser, url);
    return { page, close: () => browser.close() };
  });
}

/** @returns {Promise<Host>} */
export function startFirefox() {
  return startPage(async (url) => {
    const browser = await launchFirefox();
    return { page: await browser.openPage(url), close: () => browser.close() };
  });
}
