import type { BackendBeamSearch, BackendSession } from '../engine/backend.js';
import type { StrategyOf } from '../options/strategies/strategies.js';
import { SottoError } from '../results/errors.js';
import { type DecodingStrategy, decode, type Leftover, type PassInput, prefill } from './loop.js';
import type { PrefixCache } from './prefix-cache.js';
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
  #chosen: readonly { tokenId: number }[] = [];
  #best: BackendSession | null = null; // has read all of the best ended text but the last token

  constructor(request: Request, search: BackendBeamSearch) {
    this.#request = request;
    this.#search = search;
  }

  async begin(): Promise<void> {
    const { model, session } = this.#request;
    this.#beams = [await model.cache.withMemory(() => session.fork())];
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
    const moves = this.#search.advance(this.#beams, change ?? undefined);
    request.lastTokenMs = performance.now();
    request.firstTokenMs ??= request.lastTokenMs;
    await this.#keepBest();
    this.isOver = this.#search.isDone || moves.length === 0;
    if (this.isOver) return;
    this.#beams = await branch(request.model.cache, this.#beams, moves);
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
    for (const session of this.#beams) session.dispose();
    this.#best?.dispose();
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

/** The sessions of the next beams: a parent itself for its first beam, forks for the others. On an error all are as before. */
async function branch(
  cache: PrefixCache,
  sessions: readonly BackendSession[],
  moves: readonly { parent: number }[],
): Promise<BackendSession[]> {
  const taken = new Set<number>();
  const forks: BackendSession[] = [];
  const next: BackendSession[] = [];
  try {
    for (const { parent } of moves) {
      const session = sessions[parent] as BackendSession;
      if (taken.has(parent)) {
        const fork = await cache.withMemory(() => session.fork());
        forks.push(fork);
        next.push(fork);
      } else {
        taken.add(parent);
        next.push(session);
      }
    }
  } catch (error) {
    for (const fork of forks) fork.dispose();
    throw error;
  }
  for (const [parent, session] of sessions.entries()) if (!taken.has(parent)) session.dispose();
  return next;
}
