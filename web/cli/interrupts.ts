import { EXIT } from './command.js';

/** What Ctrl-C ends; null where it is the program. */
let endCurrent: (() => void) | null = null;

/** Ctrl-C: ends what is running, and the program where nothing is, or where it is pressed again. */
export function interrupt(): void {
  const end = endCurrent;
  endCurrent = null;
  if (end === null) {
    if (process.stderr.isTTY) process.stderr.write('\n'); // whatever stands on the line
    process.exit(EXIT.interrupted);
  }
  end();
}

/** Takes Ctrl-C over from the system. */
export function listenToInterrupts(): void {
  process.on('SIGINT', interrupt);
}

/** While `work` runs, the first Ctrl-C calls `end`. */
export async function interruptible<T>(end: () => void, work: () => Promise<T>): Promise<T> {
  endCurrent = end;
  try {
    return await work();
  } finally {
    endCurrent = null;
  }
}
