import { accessOf } from '../base/random-access.js';
import type { LoadProgress, LoadTotals } from '../results/load-progress.js';
import type { SourceFile } from '../sources/source.js';
import { Speedometer } from './speedometer.js';

/** The least time between two events of a file's middle, in milliseconds: about what eyes can follow. */
const INTERVAL_MS = 50;

/** It is read before anything tells how large the files of weights are. */
const INDEX = /\.index\.json$/;

/** An event of one file. */
type FileProgress = Omit<LoadProgress, 'all' | 'fromStore'> & { fromStore?: number };

/** Tells how far loading is, not too often. */
export class ProgressReporter {
  readonly #emit: (progress: LoadProgress) => void;
  readonly #files = new Map<string, FileProgress>();
  readonly #speed = new Speedometer();
  #weightBytes: number | null = null; // of all shards
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(emit: (progress: LoadProgress) => void) {
    this.#emit = emit;
  }

  /** Everything is read anew. */
  restart(): void {
    this.#files.clear();
    this.#weightBytes = null;
  }

  /** How many bytes all files of weights have together, where that is known before they are opened. */
  expectWeights(bytes: number | null): void {
    this.#weightBytes = bytes;
  }

  /** An event that must not be left out: of a file that is begun or done. */
  report(progress: FileProgress): void {
    this.#lastMs = performance.now();
    if (progress.phase !== 'engine') this.#files.set(progress.file, progress);
    this.#emit({ ...progress, fromStore: progress.fromStore ?? 0, all: this.#all() });
  }

  /** The same file, which reports what is read of it. */
  watch(file: SourceFile, phase: LoadProgress['phase']): SourceFile {
    const { name, size, seeks, identity } = file;
    const begun = { phase, file: name, loaded: 0, total: size };
    return {
      name,
      size,
      seeks,
      identity,
      stream: (begin = 0) => this.#stream(file, begin, begun),
      close: async () => file.close?.(),
      ...accessOf(file),
    };
  }

  async *#stream(file: SourceFile, begin: number, begun: FileProgress): AsyncGenerator<Uint8Array> {
    if (begin === 0) this.report(begun);
    let loaded = begin;
    let fromStore = file.fromStore ?? 0;
    for await (const chunk of file.stream(begin)) {
      yield chunk;
      loaded += chunk.byteLength;
      const fresh = (file.fromStore ?? 0) - fromStore;
      fromStore += fresh;
      if (fresh === 0) this.#speed.add(chunk.byteLength);
      if (performance.now() - this.#lastMs >= INTERVAL_MS && loaded !== begun.total)
        this.report({ ...begun, loaded, fromStore });
    }
    this.report({ ...begun, loaded, total: loaded, fromStore });
  }

  #all(): LoadTotals {
    const files = [...this.#files.values()];
    const loaded = files.reduce((sum, file) => sum + file.loaded, 0);
    const fromStore = files.reduce((sum, file) => sum + (file.fromStore ?? 0), 0);
    const total = this.#total(files);
    const bytesPerSecond = this.#speed.perSecond();
    const secondsLeft = total === null || bytesPerSecond === null ? null : (total - loaded) / bytesPerSecond;
    return { loaded, total, fromStore, bytesPerSecond, secondsLeft };
  }

  /** Null until the weights are begun, or where the size of a file is not known. */
  #total(files: readonly FileProgress[]): number | null {
    const isWeights = ({ phase, file }: FileProgress) => phase === 'weights' && !INDEX.test(file);
    const weights = files.filter(isWeights);
    if (weights.length === 0) return null;
    const others = files.filter((file) => !isWeights(file));
    const [weightBytes, otherBytes] = [totalOf(weights), totalOf(others)];
    if (weightBytes === null || otherBytes === null) return null;
    return otherBytes + Math.max(weightBytes, this.#weightBytes ?? 0);
  }
}

function totalOf(files: readonly FileProgress[]): number | null {
  return files.reduce<number | null>(
    (sum, { total }) => (sum === null || total === null ? null : sum + total),
    0,
  );
}
