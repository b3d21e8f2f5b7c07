import type { BackendBeamSearch, BackendSession } from '../engine/backend.js';
import type { BeamMove } from '../engine/search.js';
import type { Constraint } from '../forms/constraint.js';
import type { StrategyOf } from '../options/strategies/strategies.js';
import { SottoError } from '../results/errors.js';
import { type DecodingStrategy, decode, type Leftover, type PassInput, prefill } from './loop.js';
import type { Request } from './request.js';
import { Sequence } from './sequence.js';

/**
 * Beam search: each step runs all beams in one pass, each on a fork of the session that it comes from.
 *
 * @throws SottoError 'out-of-memory', 'bad-file' (weights that give no numbers), 'engine-crashed'; what a logits processor
 * throws.
 */
export async function searchBeams(request: Request): Promise<Leftover> {
  const { model, options, limit, promptIds } = request;
  const { name: _, ...beams } = options.strategy as StrategyOf<'beams'>;
  const { seed: __, ...chain } = options.sampler;
  const search = model.backend.createBeamSearch(
    { ...beams, numReturnSequences: options.numReturnSequences, maxNewTokens: limit.maxTokens },
    { ...chain, endTokens: [...request.endTokenIds] },
    promptIds,
  );
  const strategy = new Beams(request, search);
  try {
    await prefill(model, [request.prompt()]);
    await strategy.begin();
    await decode(model, strategy);
    const leftover = await strategy.conclude();
    request.session.dispose();
    return leftover;
  } catch (error) {
    strategy.fail(error);
    throw error;
  } finally {
    strategy.dispose();
    search.dispose();
  }
}

class Beams implements DecodingStrategy {
  isOver = false;
  readonly #request: Request;
  readonly #search: BackendBeamSearch;
  #beams: BackendSession[] = []; // each has read all of its text when a step begins
  #constraints: Constraint[] = []; // of each beam, where the answers have a form
  #chosen: readonly { tokenId: number }[] = [];
  #best: BackendSession | null = null; // has read all of the best ended text but the last token

  constructor(request: Request, search: BackendBeamSearch) {
    this.#request = request;
    this.#search = search;
  }

  async begin(): Promise<void> {
    const { model, session, hooks } = this.#request;
    this.#beams = [await model.cache.withMemory(() => session.fork())];
    const constraint = await hooks.form?.start();
    if (constraint !== undefined) this.#constraints = [constraint];
  }

  async choose(): Promise<void> {
    const request = this.#request;
    if (request.interruption !== null) {
      this.isOver = true;
      return;
    }
    const { logitsProcessor } = request;
    const change =
      logitsProcessor &&
      ((row: Float32Array, beam: number) =>
        logitsProcessor(row, [...request.promptIds, ...this.#search.tokens(beam)]));
    const masks = await Promise.all(this.#constraints.map((constraint) => constraint.mask()));
    const moves = this.#search.advance(this.#beams, change ?? undefined, masks);
    request.lastTokenMs = performance.now();
    request.firstTokenMs ??= request.lastTokenMs;
    await this.#keepBest();
    this.isOver = this.#search.isDone || moves.length === 0;
    if (this.isOver) return;
    this.#beams = await branch(this.#beams, moves, (session) =>
      request.model.cache.withMemory(() => session.fork()),
    );
    if (this.#constraints.length > 0) await this.#keepTo(moves);
    this.#chosen = moves;
  }

  async nextInputs(): Promise<PassInput[]> {
    return this.#chosen.map(({ tokenId }, i) => ({
      session: this.#beams[i] as BackendSession,
      ids: [tokenId],
    }));
  }

  /** Tells of the answers; of a search that was interrupted, at least of the best beam as far as it came. */
  async conclude(): Promise<Leftover> {
    const request = this.#request;
    const ended = this.#search.finish();
    const isEarly = request.interruption !== null && !this.#search.isDone;
    const isEnded = ended.length > 0 && !(isEarly && request.hooks.signal.aborted);
    const found = isEnded ? ended : [{ tokenIds: this.#search.tokens(0) }];
    request.sequences = found.map((each, index) => this.#sequence(each, index));
    if (isEarly) {
      for (const sequence of request.sequences) sequence.finishReason ??= request.interruption ?? 'max-time';
    }
    request.endWhenOver();
    const session = isEnded ? this.#best : (this.#beams[0] as BackendSession);
    const leftover = await request.model.cache.withMemory(() => (session as BackendSession).fork());
    return { session: leftover, unread: isEnded ? (ended[0]?.tokenIds.slice(-1) as number[]) : [] };
  }

  /** Tells of the best beam as far as it came, where the engine still knows it. */
  fail(error: unknown): void {
    const isGone = error instanceof SottoError && ['engine-crashed', 'disposed'].includes(error.code);
    if (isGone || this.#beams.length === 0 || this.#search.isDone) return;
    this.#request.sequences = [this.#sequence({ tokenIds: this.#search.tokens(0) }, 0)];
    this.#request.fail();
  }

  dispose(): void {
    for (const object of [...this.#beams, ...this.#constraints]) object.dispose();
    this.#best?.dispose();
  }

  /** The beams' constraints go where the beams go. */
  async #keepTo(moves: readonly BeamMove[]): Promise<void> {
    this.#constraints = await branch(this.#constraints, moves, (constraint) => constraint.fork());
    for (const [beam, { tokenId }] of moves.entries()) this.#constraints[beam]?.accept(tokenId);
  }

  async #keepBest(): Promise<void> {
    const { bestParent } = this.#search;
    if (bestParent === null) return;
    const parent = this.#beams[bestParent] as BackendSession;
    const best = await this.#request.model.cache.withMemory(() => parent.fork());
    this.#best?.dispose();
    this.#best = best;
  }

  #sequence({ tokenIds, score }: { tokenIds: readonly number[]; score?: number }, index: number): Sequence {
    const sequence = new Sequence(this.#request, index, null);
    for (const id of tokenIds) sequence.take({ id });
    sequence.score = score;
    return sequence;
  }
}

/** What the next beams have: what their parent has, for its first beam, and forks for the others. On an error all are as before. */
async function branch<T extends { dispose(): void }>(
  ofBeams: readonly T[],
  moves: readonly { parent: number }[],
  fork: (parent: T) => Promise<T>,
): Promise<T[]> {
  const taken = new Set<number>();
  const forks: T[] = [];
  const next: T[] = [];
  try {
    for (const { parent } of moves) {
      const its = ofBeams[parent] as T;
      if (taken.has(parent)) {
        const forked = await fork(its);
        forks.push(forked);
        next.push(forked);
      } else {
        taken.add(parent);
        next.push(its);
      }
    }
  } catch (error) {
    for (const forked of forks) forked.dispose();
    throw error;
  }
  for (const [parent, its] of ofBeams.entries()) if (!taken.has(parent)) its.dispose();
  return next;
}
