// What the commands say while they work, and how they end.
import { clearLine, cursorTo } from 'node:readline';

/** A failure whose message is all that its reader needs: it is printed without a stack. */
export class UserError extends Error {
  name = 'UserError';
}

/** Steps that end sooner are not worth a line. */
const QUIET_MS = 1500;

const REPORT_EVERY_MS = 15_000;

/** Shows `text` on the terminal's last line, until something else is printed. */
function showOnLastLine(text) {
  cursorTo(process.stdout, 0);
  process.stdout.write(text.slice(0, (process.stdout.columns ?? 80) - 1));
  clearLine(process.stdout, 1);
}

/**
 * Runs one named step and shows that it is alive: its latest output on a terminal, the time now and then elsewhere.
 *
 * @template T
 * @param {string} title
 * @param {(report: (line: string) => void) => Promise<T>} work gets a function that takes a line of its output
 * @returns {Promise<T>}
 */
export async function phase(title, work) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const terminal = process.stdout.isTTY === true;
  let latest = '';
  let beat;
  const begin = setTimeout(() => {
    console.log(title);
    const show = () =>
      terminal ? showOnLastLine(`  ${seconds()}  ${latest}`) : console.log(`  ${seconds()}  ${latest}`);
    beat = setInterval(show, terminal ? 200 : REPORT_EVERY_MS);
  }, QUIET_MS);
  try {
    const result = await work((line) => {
      latest = line;
    });
    if (beat && terminal) showOnLastLine('');
    if (beat) console.log(`  done in ${seconds()}`);
    return result;
  } finally {
    clearTimeout(begin);
    clearInterval(beat);
  }
}

/** Runs a command's body; a UserError ends it with its message alone. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof UserError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
