import type { LoadProgress } from '../results/load-progress.js';
import type { SourceFile } from '../sources/source.js';

/** The least time between two events of a file's middle, in milliseconds: about what eyes can follow. */
const INTERVAL_MS = 50;

/** Tells how far loading is, not too often. */
export class ProgressReporter {
  readonly #emit: (progress: LoadProgress) => void;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(emit: (progress: LoadProgress) => void) {
    this.#emit = emit;
  }

  /** An event that must not be left out: of a file that is begun or done. */
  report(progress: LoadProgress): void {
    this.#lastMs = performance.now();
    this.#emit(progress);
  }

  /** The same file, which reports what is read of it. */
  watch(file: SourceFile, phase: LoadProgress['phase']): SourceFile {
    const { name, size, seeks, identity } = file;
    const begun = { phase, file: name, loaded: 0, total: size };
    return { name, size, seeks, identity, stream: (begin = 0) => this.#stream(file, begin, begun) };
  }

  async *#stream(file: SourceFile, begin: number, begun: LoadProgress): AsyncGenerator<Uint8Array> {
    if (begin === 0) this.report(begun);
    let loaded = begin;
    for await (const chunk of file.stream(begin)) {
      yield chunk;
      loaded += chunk.byteLength;
      if (performance.now() - this.#lastMs >= INTERVAL_MS && loaded !== begun.total)
        this.report({ ...begun, loaded });
    }
    this.report({ ...begun, loaded, total: loaded });
  }
}
