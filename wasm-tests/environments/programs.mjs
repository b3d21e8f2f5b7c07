// Programs of a row: one that ends within its time, and one that serves until it is ended.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What takes longer hangs. */
const MOST_MS = 120_000;
const MOST_MS_TO_START = 60_000;
const ASK_EVERY_MS = 100;

/** Starts a program in a group of its own, so that all that it starts ends with it. */
function start([program, ...words], options) {
  const child = spawn(program, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const state = { printed: '', output: '', hasEnded: false };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    state.printed += text;
    state.output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    state.output += text;
  });
  const ended = new Promise((resolve) => {
    const end = (code) => {
      state.hasEnded = true;
      resolve(code);
    };
    child.on('error', (error) => {
      state.output += error.message;
      end(null);
    });
    child.on('close', end);
  });
  const stop = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of them have ended.
    }
  };
  return { state, ended, stop };
}

/**
 * Runs a program to its end.
 *
 * @param {string[]} argv
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<string>} what it printed
 * @throws where it does not end with 0 in time
 */
export async function runProgram(argv, options) {
  const { state, ended, stop } = start(argv, options);
  const timer = setTimeout(stop, MOST_MS);
  const code = await ended;
  clearTimeout(timer);
  if (code === 0) return state.printed;
  throw new Error(`${argv.join(' ')}\nended with ${code}:\n${state.output}`);
}

/** A port that nothing listens on. */
export async function freePort() {
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
  const { state, stop } = start(argv, options);
  for (const end = performance.now() + MOST_MS_TO_START; ; await sleep(ASK_EVERY_MS)) {
    const isUp = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return stop;
    if (state.hasEnded || performance.now() > end) {
      stop();
      throw new Error(`${argv.join(' ')} does not serve:\n${state.output}`);
    }
  }
}
