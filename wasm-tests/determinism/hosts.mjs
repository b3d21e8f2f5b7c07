// Where the engine runs: programs and pages that do the jobs of token-hash.mjs.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { inRepository } from '../../tools/lib/folders.mjs';
import { startServer } from '../../tools/serve.mjs';
import { arm64Node } from '../../tools/toolchain/arm64.mjs';
import { nodeProgram } from '../../tools/toolchain/node.mjs';
import { launchBrowser, openPage } from '../browser/browser.mjs';
import { launchFirefox } from '../browser/firefox.mjs';
import { RemotePage } from '../browser/remote-page.mjs';

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

const SCRIPT = inRepository('wasm-tests/determinism/token-hash-node.mjs');

/** A job as a process takes it. */
function placed(job) {
  const base = pathToFileURL(inRepository('build/web/')).href;
  return { ...job, base, model: { ...job.model, folder: inRepository(job.model.folder) } };
}

/** @returns {Promise<Host>} a process for each job */
export async function startNode(major) {
  const program = await nodeProgram(major);
  const options = OPTIONS_OF_NODE[major] ?? [];
  return {
    async run(job) {
      const argument = JSON.stringify(placed(job));
      const { stdout } = await execute(program, [...options, SCRIPT, argument], { timeout: MOST_MS_PER_JOB });
      return JSON.parse(stdout);
    },
    close: async () => {},
  };
}

/** @returns {Promise<Host>} one process for all jobs: an emulated one takes seconds to start */
export async function startArm64(cpu) {
  const [execPath, ...execArgv] = await arm64Node(24, cpu);
  const child = fork(SCRIPT, { execPath, execArgv });
  const gone = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => reject(new Error(`the process ended with ${signal ?? status}`)));
  });
  gone.catch(() => {});
  return {
    async run(job) {
      const timer = setTimeout(() => child.kill('SIGKILL'), MOST_MS_PER_JOB);
      try {
        child.send(placed(job));
        const [{ result, error }] = await Promise.race([once(child, 'message'), gone]);
        if (error !== undefined) throw new Error(error);
        return result;
      } finally {
        clearTimeout(timer);
      }
    },
    async close() {
      child.kill();
      await gone.catch(() => {});
    },
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

/** The first start of a day reads 300 MB from the disk. */
const START_MS = 60_000;

/**
 * A host that is a page; `open` starts a browser with a page of the server, whose places are told by the function it gets.
 * `routes`: more of what the server serves.
 */
async function startPage(open, routes = {}) {
  const folders = { '/wasm-tests/': 'wasm-tests', '/modules/': 'build/web', '/demo/': 'demo' };
  const server = await startServer({ port: 0, folders, routes });
  const at = (path) => new URL(path, server.url).href;
  try {
    const { page, close } = await open(at);
    return {
      run(job) {
        const model = { ...job.model, folder: at(job.model.folder) };
        const pageJob = { ...job, base: at('modules/'), model };
        return page.evaluate(runInWorker, { job: pageJob, mostMs: MOST_MS_PER_JOB });
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
  return startPage(async (at) => {
    const browser = await launchBrowser();
    const { page } = await openPage(browser, at('icon.svg'));
    return { page, close: () => browser.close() };
  });
}

/** @returns {Promise<Host>} */
export function startFirefox() {
  const page = new RemotePage();
  const open = async (at) => {
    const { ended, close } = await launchFirefox(at('wasm-tests/browser/remote-page.html'));
    ended.then(() => page.end('Firefox is gone'));
    const timer = setTimeout(() => page.end(`no page within ${START_MS} ms`), START_MS);
    try {
      await page.opened();
      return { page, close };
    } catch (error) {
      await close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  return startPage(open, { '/remote/': page.answer });
}
