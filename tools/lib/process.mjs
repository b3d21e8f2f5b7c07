// Other programs: starting them, and finding them.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from './console.mjs';

/** A program that did not end with 0. */
export class CommandError extends UserError {
  /** @param {string[]} argv @param {string} ending @param {string} output the last lines of it */
  constructor(argv, ending, output) {
    super(`${output}\n\n${argv.join(' ')}\nended with ${ending}`.trimStart());
    this.output = output;
  }
}

/** Lines of a failed program's output that its error repeats. */
const TAIL_LINES = 60;

/**
 * Runs a program to its end.
 *
 * @param {string[]} argv
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, inherit?: boolean, report?: (line: string) => void }} [options]
 *   `inherit`: its output goes to ours instead of into the result; `report` is called with each line of it
 * @returns {Promise<string>} standard output
 * @throws {UserError} when it cannot be started
 * @throws {CommandError} when it does not end with 0; its last output is in the message
 */
export function run(argv, { cwd, env, inherit = false, report } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), {
      cwd,
      env,
      stdio: ['ignore', ...Array(2).fill(inherit ? 'inherit' : 'pipe')],
    });
    let output = '';
    let everything = '';
    const take = (text) => {
      everything += text;
      const line = text
        .trimEnd()
        .split(/[\r\n]/)
        .at(-1);
      if (line) report?.(line);
    };
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text;
      take(text);
    });
    child.stderr?.setEncoding('utf8').on('data', take);
    child.on('error', (error) => reject(new UserError(`${argv[0]} could not be started: ${error.message}`)));
    child.on('close', (status, signal) => {
      if (status === 0) return resolve(output);
      const tail = everything.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
      reject(new CommandError(argv, signal ?? `status ${status}`, tail));
    });
  });
}

/** Whether a program runs and ends with 0. */
export async function succeeds(argv) {
  try {
    await run(argv);
    return true;
  } catch {
    return false;
  }
}

/** The path of a program, looked up in `folders`; null where it is not. */
export function which(name, folders = (process.env.PATH ?? '').split(delimiter)) {
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
