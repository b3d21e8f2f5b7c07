import type { BeamSearch, ContrastiveSearch } from '../wasm/simd.js';
import type { Handle } from './instance.js';
import type { EngineSession } from './session.js';

/** How beams are compared, and how many there are. */
export interface BeamSearchOptions {
  numBeams: number;
  numReturnSequences: number;
  lengthPenalty: number;
  earlyStopping: boolean | 'never';
  maxNewTokens: number;
}

/** A beam that runs on. */
export interface BeamMove {
  /** The number of the beam that it continues. */
  parent: number;
  tokenId: number;
}

/** Changes the logits of a step, in place. */
export type ChangeLogits = (logits: Float32Array, beam: number) => void;

/** Decides which beams run on; the caller runs the model. Made by `Engine.createBeamSearch`. */
export class EngineBeamSearch {
  readonly #handle: Handle<BeamSearch>;

  /** @internal */
  constructor(handle: Handle<BeamSearch>) {
    this.#handle = handle;
  }

  get isDone(): boolean {
    return this.#handle.call((search) => search.isDone());
  }

  /**
   * One step.
   *
   * @param sessions Of the running beams in order, each with the logits of its last token; at first that of the prompt.
   * @param change What is done to each beam's log-probabilities after the processors.
   * @returns The beams to run next; none when the search is done.
   * @throws SottoError 'bad-file' for logits that are no numbers, 'bad-token'
   */
  advance(sessions: readonly EngineSession[], change?: ChangeLogits): BeamMove[] {
    for (const [beam, session] of sessions.entries()) {
      this.#handle.check((search) => session.use((object) => search.addRow(object)));
      if (change)
        change(
          this.#handle.call((search): Float32Array => search.row()),
          beam,
        );
    }
    const numbers = this.#handle.call((search): Int32Array => search.advance());
    const moves: BeamMove[] = [];
    for (let i = 0; i < numbers.length; i += 2) {
      moves.push({ parent: numbers[i] as number, tokenId: numbers[i + 1] as number });
    }
    return moves;
  }

  /** What a running beam has generated so far. */
  tokens(beam: number): number[] {
    return [...this.#handle.call((search): Int32Array => search.tokens(beam))];
  }

  /** The sequences that have ended, the best first. */
  finish(): { tokenIds: number[]; score: number }[] {
    const count = this.#handle.call((search) => search.finish());
    return Array.from({ length: count }, (_, index) => ({
      tokenIds: [...this.#handle.call((search): Int32Array => search.sequence(index))],
      score: this.#handle.call((search) => search.score(index)),
    }));
  }

  /** Frees what it holds. Idempotent. */
  dispose(): void {
    this.#handle.dispose();
  }
}

/** Decides which candidate is next; the caller runs the model. Made by `Engine.createContrastiveSearch`. */
export class EngineContrastiveSearch {
  readonly #handle: Handle<ContrastiveSearch>;

  /** @internal */
  constructor(handle: Handle<ContrastiveSearch>) {
    this.#handle = handle;
  }

  /** The text so far, for the processors. */
  begin(ids: ArrayLike<number>): void {
    const prompt = Int32Array.from(ids);
    this.#handle.call((search) => search.begin(prompt));
  }

  /** Takes the tokens of the session's last append, whose tap 'hidden' is on. @throws SottoError 'out-of-memory' */
  addContext(session: EngineSession): void {
    this.#handle.check((search) => session.use((object) => search.addContext(object)));
  }

  /** The likeliest tokens by the session's last logits. @throws SottoError 'bad-file', 'bad-option', 'bad-token' */
  candidates(session: EngineSession, change?: (logits: Float32Array) => void): number[] {
    this.#handle.check((search) => session.use((object) => search.process(object)));
    if (change) change(this.#handle.call((search): Float32Array => search.row()));
    this.#handle.check((search) => search.findCandidates());
    return [...this.#handle.call((search): Int32Array => search.ids())];
  }

  /**
   * Which of the candidates is next; it joins the text.
   *
   * @param sessions In which the candidates, in order, are the last tokens; their taps 'hidden' are on.
   * @throws SottoError 'out-of-memory', 'bad-file'
   */
  choose(sessions: readonly EngineSession[]): number {
    for (const session of sessions) {
      this.#handle.call((search) => session.use((object) => search.addCandidate(object)));
    }
    this.#handle.check((search) => search.choose());
    return this.#handle.call((search) => search.chosen());
  }

  /** Frees what it holds. Idempotent. */
  dispose(): void {
    this.#handle.dispose();
  }
}
