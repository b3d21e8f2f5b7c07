import type { LoadTotals } from '../results/load-progress.js';
import { formatBytes, formatSeconds } from './format.js';

/** The least time between two drawings, in milliseconds. */
const DRAW_MS = 80;

const BAR_CELLS = 24;

/** Where the bar is drawn, and by what clock. */
export interface BarOutput {
  write(text: string): void;
  /** The width of a line now. */
  columns(): number;
  now(): number;
}

/** How far the loading of all files is, on the last line of a terminal. */
export class ProgressBar {
  readonly #output: BarOutput;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #isShown = false;

  constructor(output: BarOutput) {
    this.#output = output;
  }

  update(all: LoadTotals): void {
    const now = this.#output.now();
    if (now - this.#drawnAt < DRAW_MS) return;
    this.#drawnAt = now;
    this.#isShown = true;
    this.#output.write(`\r${barLine(all).slice(0, this.#output.columns() - 1)}\x1b[K`);
  }

  /** Takes it away. */
  end(): void {
    if (this.#isShown) this.#output.write('\r\x1b[K');
    this.#isShown = false;
  }
}

/** `[=====>   ]  42%  113.0 MB of 269.1 MB  85.2 MB/s  2 s left` */
export function barLine({ loaded, total, fromStore, bytesPerSecond, secondsLeft }: LoadTotals): string {
  const parts = [total === null ? formatBytes(loaded) : `${formatBytes(loaded)} of ${formatBytes(total)}`];
  if (bytesPerSecond !== null) parts.push(`${formatBytes(Math.round(bytesPerSecond))}/s`);
  if (secondsLeft !== null) parts.push(`${formatSeconds(secondsLeft)} left`);
  if (fromStore > 0) parts.push(`${formatBytes(fromStore)} were kept`);
  if (total !== null && total > 0) parts.unshift(bar(Math.min(1, loaded / total)));
  return parts.join('  ');
}

function bar(share: number): string {
  const filled = Math.floor(share * BAR_CELLS);
  const head = filled < BAR_CELLS ? '>' : '';
  const cells = `${'='.repeat(filled)}${head}`.padEnd(BAR_CELLS);
  return `[${cells}] ${String(Math.floor(share * 100)).padStart(3)}%`;
}
