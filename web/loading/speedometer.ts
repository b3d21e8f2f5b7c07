/** The speed is that of so many milliseconds. */
const WINDOW_MS = 5_000;

/** Times nearer to each other count as one. */
const LEAST_STEP_MS = 100;

/** How fast bytes come. */
export class Speedometer {
  readonly #steps: { ms: number; bytes: number }[] = [];

  add(bytes: number): void {
    const ms = performance.now();
    const last = this.#steps.at(-1);
    if (last !== undefined && ms - last.ms < LEAST_STEP_MS) last.bytes += bytes;
    else this.#steps.push({ ms, bytes });
    while (this.#steps.length > 2 && ms - (this.#steps[0]?.ms ?? ms) > WINDOW_MS) this.#steps.shift();
  }

  /** Null as long as nothing tells. */
  perSecond(): number | null {
    const [first] = this.#steps;
    const bytes = this.#steps.reduce((sum, step) => sum + step.bytes, 0);
    const ms = performance.now() - (first?.ms ?? 0);
    return first === undefined || bytes === 0 || ms <= 0 ? null : (bytes / ms) * 1000;
  }
}
