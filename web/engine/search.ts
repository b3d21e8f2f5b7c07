import { badOption, type Checks, callback, integer, readGiven } from '../options/option-checks.js';
import { beamRules, MOST_SEQUENCES } from '../options/strategies/beams.js';
import { contrastiveRules } from '../options/strategies/contrastive.js';
import { readList, resolveTokenIds } from '../options/token-ids.js';
import type { BeamSearch, ContrastiveSearch } from '../wasm/plain.js';
import type { Handle, Instance } from './instance.js';
import { EngineSession } from './session.js';
import { writeMask } from './token-mask.js';

/** How beams are compared, and how many there are. */
export interface BeamSearchOptions {
  /** From 1 to 1024. */
  numBeams: number;
  /** At most `numBeams`. */
  numReturnSequences: number;
  lengthPenalty: number;
  earlyStopping: boolean | 'never';
  /** 1 or more. */
  maxNewTokens: number;
}

/** Of a contrastive search. */
export interface ContrastiveSearchOptions {
  /** From 0 to 1. */
  penaltyAlpha: number;
  /** The candidates of a step, 1 or more. */
  topK: number;
  /** Of the model. */
  hiddenSize: number;
}

const MOST_SIZE = 2 ** 31 - 1;

export const beamChecks: Checks<BeamSearchOptions> = {
  ...beamRules.checks,
  numReturnSequences: integer(1, MOST_SEQUENCES),
  maxNewTokens: integer(1, MOST_SIZE),
};

export const contrastiveChecks: Checks<ContrastiveSearchOptions> = {
  ...contrastiveRules.checks,
  topK: integer(1, MOST_SIZE),
  hiddenSize: integer(1, 2 ** 24),
};

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
  readonly #instance: Instance;
  readonly #handle: Handle<BeamSearch>;

  /** @internal */
  constructor(instance: Instance, handle: Handle<BeamSearch>) {
    this.#instance = instance;
    this.#handle = handle;
  }

  get isDone(): boolean {
    return this.#handle.call((search) => search.isDone());
  }

  /**
   * One step. On an error the search stands where it stood.
   *
   * @param sessions Of the running beams in order, each with the logits of its last token; at first that of the prompt.
   * @param change What is done to each beam's log-probabilities after the processors.
   * @param masks For each beam the tokens that it may go on with, as `EngineSampler.mask` has them; null for all.
   * @returns The beams to run next; none when the search is done.
   * @throws SottoError 'bad-file' for logits that are no numbers, 'bad-token', 'empty-prompt' for a session without
   * logits, 'out-of-memory'; 'bad-option' for another number of sessions, for foreign ones, behind the end, and when
   * nothing can be chosen: no beam can go on, and none has ended; what `change` throws
   */
  advance(
    sessions: readonly EngineSession[],
    change?: ChangeLogits,
    masks: readonly (Uint32Array | null)[] = [],
  ): BeamMove[] {
    const checked = checkSessions(sessions, this.#instance);
    const changeRow = checkChange(change);
    for (const [beam, session] of checked.entries()) {
      this.#handle.check((search) => session.use((object) => search.addRow(object, beam)));
      changeRow?.(
        this.#handle.call((search) => search.row()),
        beam,
      );
      const mask = masks[beam];
      if (mask == null) continue;
      writeMask(this.#handle, mask);
      this.#handle.check((search) => search.applyMask());
    }
    this.#handle.check((search) => search.advance());
    const numbers = this.#handle.call((search) => search.moves());
    const moves: BeamMove[] = [];
    for (let i = 0; i < numbers.length; i += 2) {
      moves.push({ parent: numbers[i] as number, tokenId: numbers[i + 1] as number });
    }
    return moves;
  }

  /**
   * Of the best sequence that has ended, where it did so in the last step: the number that its beam had before that. What
   * that one's session has read is all of it but the last token. Null otherwise.
   */
  get bestParent(): number | null {
    const parent = this.#handle.call((search) => search.bestParent());
    return parent < 0 ? null : parent;
  }

  /** What a running beam has generated so far. @throws SottoError 'bad-option' for a beam that does not run */
  tokens(beam: number): number[] {
    const nRunning = this.#handle.call((search) => search.nRunning());
    if (nRunning === 0) throw badOption('beam', beam, 'one that runs, and none does any more');
    const checked = integer(0, nRunning - 1)(beam, 'beam');
    return [...this.#handle.call((search) => search.tokens(checked))];
  }

  /** The sequences that have ended, the best first. */
  finish(): { tokenIds: number[]; score: number }[] {
    const count = this.#handle.call((search) => search.finish());
    return Array.from({ length: count }, (_, index) => ({
      tokenIds: [...this.#handle.call((search) => search.sequence(index))],
      score: this.#handle.call((search) => search.score(index)),
    }));
  }

  /** Frees what it holds. Idempotent. */
  dispose(): void {
    this.#handle.dispose();
  }
}

/**
 * Decides which candidate is next; the caller runs the model. Made by `Engine.createContrastiveSearch`. Each step is
 * `candidates`, then `choose`; `addContext` of the prompt, and `begin`, come before.
 */
export class EngineContrastiveSearch {
  readonly #instance: Instance;
  readonly #handle: Handle<ContrastiveSearch>;

  /** @internal */
  constructor(instance: Instance, handle: Handle<ContrastiveSearch>) {
    this.#instance = instance;
    this.#handle = handle;
  }

  /** The text so far, for the processors. @throws SottoError 'bad-token', 'bad-option', 'out-of-memory' */
  begin(ids: ArrayLike<number>): void {
    const prompt = resolveTokenIds(ids, null, 'ids');
    this.#instance.ensureHeadroom(16 * prompt.length + 4 * 1024, 'the text so far');
    this.#handle.call((search) => search.begin(prompt));
  }

  /**
   * Takes the tokens of the session's last append, whose tap 'hidden' is on.
   *
   * @throws SottoError 'out-of-memory', 'bad-file' for states that are no numbers, 'bad-option' for a session whose tap
   * holds nothing or whose model has another hidden size
   */
  addContext(session: EngineSession): void {
    const checked = checkSession(session, this.#instance);
    this.#handle.check((search) => checked.use((object) => search.addContext(object)));
  }

  /**
   * The likeliest tokens by the session's last logits.
   *
   * @param change What is done to the logits after the processors.
   * @param mask The tokens that may be candidates, as `EngineSampler.mask` has them; null for all.
   * @throws SottoError 'bad-file', 'bad-token', 'empty-prompt', 'out-of-memory'; 'bad-option' before `begin`, and when
   * nothing can be chosen; what `change` throws
   */
  candidates(
    session: EngineSession,
    change?: (logits: Float32Array) => void,
    mask: Uint32Array | null = null,
  ): number[] {
    const checked = checkSession(session, this.#instance);
    const changeLogits = checkChange(change);
    this.#handle.check((search) => checked.use((object) => search.process(object)));
    changeLogits?.(this.#handle.call((search) => search.row()));
    if (mask !== null) writeMask(this.#handle, mask);
    this.#handle.check((search) => search.findCandidates());
    return [...this.#handle.call((search) => search.ids())];
  }

  /**
   * Which of the candidates is next; it joins the text.
   *
   * @param sessions In which the candidates, in order, are the last tokens; their taps 'hidden' are on.
   * @throws SottoError 'out-of-memory', 'bad-file'; 'bad-option' before `candidates` and for other sessions
   */
  choose(sessions: readonly EngineSession[]): number {
    for (const [index, session] of checkSessions(sessions, this.#instance).entries()) {
      this.#handle.check((search) => session.use((object) => search.addCandidate(object, index)));
    }
    this.#handle.check((search) => search.choose());
    return this.#handle.call((search) => search.chosen());
  }

  /** Frees what it holds. Idempotent. */
  dispose(): void {
    this.#handle.dispose();
  }
}

/**
 * A session that this engine can look at.
 *
 * @throws SottoError 'bad-option'
 */
export function checkSession(session: unknown, instance: Instance, name = 'session'): EngineSession {
  const isOurs = readGiven(name, () => session instanceof EngineSession && session.isOf(instance));
  if (isOurs) return session as EngineSession;
  throw badOption(name, session, 'a session of this engine');
}

function checkSessions(sessions: unknown, instance: Instance): EngineSession[] {
  const isArray = readGiven('sessions', () => Array.isArray(sessions));
  if (!isArray) throw badOption('sessions', sessions, 'an array of sessions'); // a session has a length, too
  const list = readList(sessions, 'sessions', 'an array of sessions');
  return list.map((session, index) => checkSession(session, instance, `sessions[${index}]`));
}

function checkChange<F extends (...args: never[]) => void>(change: F | undefined): F | undefined {
  return change === undefined ? undefined : callback<F>()(change, 'change');
}
