import { createInterface, type Interface } from 'node:readline';
import { interrupt } from './interrupts.js';

/** Where the lines of a chat come from. */
export interface Lines {
  /** The next one, or null at the end. */
  next(prompt: string): Promise<string | null>;
  close(): void;
}

/**
 * Lines that somebody types, with editing and a history. Between two of them the terminal is as it was, so that Ctrl-C is a
 * signal while an answer comes.
 */
export class TypedLines implements Lines {
  #history: string[] = [];
  /** What was pasted behind the end of a line. */
  readonly #ahead: string[] = [];
  #begun = '';

  next(prompt: string): Promise<string | null> {
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) return Promise.resolve(ahead);
    const line = createInterface({
      input: process.stdin,
      output: process.stderr,
      terminal: true,
      history: [...this.#history],
      historySize: 1000,
      removeHistoryDuplicates: true,
      prompt,
    });
    line.on('history', (history: string[]) => {
      this.#history = [...history];
    });
    const next = this.#read(line);
    line.prompt();
    if (this.#begun !== '') line.write(this.#begun);
    this.#begun = '';
    return next;
  }

  close(): void {}

  #read(line: Interface): Promise<string | null> {
    return new Promise((resolve) => {
      let read: string | null = null;
      line.on('line', (text) => {
        if (read !== null) return this.#ahead.push(text);
        read = text;
        return setImmediate(() => {
          this.#begun = line.line;
          line.close();
        });
      });
      line.on('SIGINT', interrupt);
      line.on('close', () => {
        if (read === null) process.stderr.write('\n');
        resolve(read);
      });
    });
  }
}

/** Lines of a file or a pipe. */
export class PipedLines implements Lines {
  readonly #interface = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  readonly #lines = this.#interface[Symbol.asyncIterator]();

  async next(): Promise<string | null> {
    const { done, value } = await this.#lines.next();
    return done ? null : value;
  }

  close(): void {
    this.#interface.close();
  }
}

/** A message: a line, and those that follow one which ends with a backslash; null at the end. */
export async function nextMessage(lines: Lines): Promise<string | null> {
  const parts: string[] = [];
  for (;;) {
    const line = await lines.next(parts.length === 0 ? '> ' : '… ');
    if (line === null) return parts.length === 0 ? null : parts.join('\n');
    if (!line.endsWith('\\')) return [...parts, line].join('\n');
    parts.push(line.slice(0, -1));
  }
}
