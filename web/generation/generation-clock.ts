import type { WorkerGenerationResult } from '../protocol/protocol.js';

/** Measures where a generation's time goes. It starts when it is made. */
export class GenerationClock {
  readonly #startMs = performance.now();
  #prefillEndMs = this.#startMs;
  #firstTokenMs: number | null = null;
  #lastTokenMs = 0;

  get elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  prefillEnded(): void {
    this.#prefillEndMs = performance.now();
  }

  tokenChosen(): void {
    this.#lastTokenMs = performance.now();
    this.#firstTokenMs ??= this.#lastTokenMs;
  }

  timings(nTokens: number): WorkerGenerationResult['timings'] {
    const firstTokenMs = this.#firstTokenMs ?? this.#startMs;
    const decodeMs = this.#firstTokenMs === null ? 0 : this.#lastTokenMs - firstTokenMs;
    return {
      prefillMs: this.#prefillEndMs - this.#startMs,
      timeToFirstTokenMs: firstTokenMs - this.#startMs,
      decodeMs,
      tokensPerSecond: decodeMs > 0 ? ((nTokens - 1) / decodeMs) * 1000 : 0,
    };
  }
}
