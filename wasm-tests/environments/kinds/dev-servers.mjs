// Environments whose pages come from a development server of the tool's own.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBothWays } from './pages.mjs';

const MOST_MS_TO_START = 60_000;
const ASK_EVERY_MS = 100;

/** A port that nothing listens on. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Starts a program that serves, and waits until it answers.
 *
 * @param {string[]} argv
 * @param {import('node:child_process').SpawnOptions} options
 * @param {string} url that it answers at
 * @returns {Promise<() => void>} ends it, with all that it started
 */
export async function startProgram(argv, options, url) {
  const child = spawn(argv[0], argv.slice(1), {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  let hasEnded = false;
  child.on('error', (error) => {
    output += error.message;
    hasEnded = true;
  });
  child.on('exit', () => {
    hasEnded = true;
  });
  const stop = () => {
    try {
      process.kill(-child.pid);
    } catch {
      // All of them have ended.
    }
  };
  for (const end = performance.now() + MOST_MS_TO_START; ; await sleep(ASK_EVERY_MS)) {
    const isUp = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return stop;
    if (hasEnded || performance.now() > end) {
      stop();
      throw new Error(`${argv.join(' ')} does not serve:\n${output}`);
    }
  }
}

/**
 * A project that is served as it is written.
 *
 * @param {object} how
 * @param {Record<string, string>} how.files of the project
 * @param {(port: string) => string[]} how.command the command line, with the name of a tool in front
 */
export const servedByTool =
  ({ files, command }) =>
  async (harness, name) => {
    const project = await harness.project(name, files);
    const port = await freePort();
    const [tool, ...words] = command(String(port));
    const upstream = `http://127.0.0.1:${port}/`;
    const options = { cwd: project, env: harness.environment };
    const stop = await startProgram([harness.tool(tool), ...words], options, upstream);
    try {
      return await openBothWays(harness, { upstream }, { hasThreads: true });
    } finally {
      stop();
    }
  };
