import { once } from 'node:events';
import { EXIT } from './command.js';

/** Whether a stream is a terminal that understands escape sequences. */
function isTerminal(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}

/** Whether progress can be drawn. */
export const showsProgress = (): boolean => isTerminal(process.stderr);

/** Whether somebody types. */
export const isInteractive = (): boolean => process.stdin.isTTY === true && isTerminal(process.stderr);

const hasColor = (stream: NodeJS.WriteStream) => isTerminal(stream) && (process.env.NO_COLOR ?? '') === '';

/** What is less important, fainter where there is colour. */
export function dim(text: string): string {
  return hasColor(process.stderr) && text !== '' ? `\x1b[2m${text}\x1b[22m` : text;
}

/** Control characters, which would let a model's text steer the terminal; tabs and ends of lines aside. */
const CONTROLS = /(?![\t\n])\p{Cc}/gu;

/** A text of somebody else's, as it can be shown. */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROLS, '\ufffd');
}

/** Writes a result: as it is into a file or a pipe, without control characters to a terminal. */
export async function writeOut(text: string): Promise<void> {
  if (text === '') return;
  const shown = process.stdout.isTTY ? printable(text) : text;
  if (!process.stdout.write(shown)) await once(process.stdout, 'drain');
}

/** Says something beside the result. */
export function say(text: string): void {
  process.stderr.write(text);
}

/** A reader that has gone, such as `head`, ends the program as it ends others: without a word. */
export function endWithReaders(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    say(`sotto: the output cannot be written: ${error.message}\n`);
    process.exit(EXIT.failure);
  });
  process.stderr.on('error', () => {}); // there is nowhere to tell it
}
