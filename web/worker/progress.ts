import type { LoadProgress } from '../model-info.js';
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
    const { name, size } = file;
    return { name, size, stream: () => this.#stream(file, { phase, file: name, loaded: 0, total: size }) };
  }

  async *#stream(file: SourceFile, begun: LoadProgress): AsyncGenerator<Uint8Array> {
    this.report(begun);
    let { loaded } = begun;
    for await (const chunk of file.stream()) {
      yield chunk;
      loaded += chunk.byteLength;
      if (performance.now() - this.#lastMs >= INTERVAL_MS && loaded !== begun.total)
        this.report({ ...begun, loaded });
    }
    this.report({ ...begun, loaded, total: loaded });
  }
}
