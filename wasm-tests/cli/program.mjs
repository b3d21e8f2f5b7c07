// Runs the built program as a process, as a shell would.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

export const programPath = fileURLToPath(new URL('dist/cli.js', root));

/** What tells of a shell's own settings stays out. */
const { NO_COLOR: _, HF_TOKEN: __, TERM: ___, ...environment } = process.env;

/**
 * Starts the program.
 *
 * @param {string[]} args
 * @param {{ input?: string | null, env?: Record<string, string> }} [options] `input` is what standard input holds; null leaves
 *   it open
 */
export function start(args, { input = '', env = {} } = {}) {
  const child = spawn(process.execPath, [programPath, ...args], { env: { ...environment, ...env } });
  const output = { stdout: '', stderr: '' };
  child.stdin.on('error', () => {}); // a program that reads nothing may have ended
  if (input !== null) child.stdin.end(input);
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  }
  const ended = new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  /** Waits until a stream has said something that matches. */
  const said = (name, pattern) =>
    new Promise((resolve, reject) => {
      const look = () => pattern.test(output[name]) && resolve(output[name]);
      child[name].on('data', look);
      child.on('close', () => reject(new Error(`it ended without ${pattern}: ${JSON.stringify(output)}`)));
      look();
    });
  return { child, ended, said };
}

/** Runs the program to its end. */
export const sotto = (args, options) => start(args, options).ended;
