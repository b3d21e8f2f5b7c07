import type { BackendContrastiveSearch, BackendSession } from '../engine/backend.js';
import type { Constraint } from '../forms/constraint.js';
import type { StrategyOf } from '../options/strategies/strategies.js';
import { type DecodingStrategy, decode, type Leftover, type PassInput, prefill } from './loop.js';
import type { Request } from './request.js';
import { type ChosenToken, Sequence } from './sequence.js';

/**
 * Contrastive search: each step runs the candidates in one pass, each on a fork of the session, which goes on as the fork
 * of the chosen one.
 *
 * @throws SottoError 'out-of-memory', 'bad-file' (weights that give no numbers), 'engine-crashed'; what a logits processor
 * throws.
 */
export async function searchContrastively(request: Request): Promise<Leftover> {
  const { model, options, session } = request;
  const { penaltyAlpha, topK } = options.strategy as StrategyOf<'contrastive'>;
  const { seed: _, ...chain } = options.sampler;
  const search = model.backend.createContrastiveSearch(
    { penaltyAlpha, topK, hiddenSize: model.info.hiddenSize },
    { ...chain, endTokens: [...request.endTokenIds] },
  );
  const strategy = new Contrastive(request, search);
  try {
    session.tap(['hidden']);
    const prompt = request.prompt();
    const onPass = (nRead: number) => {
      search.addContext(session);
      prompt.onPass?.(nRead);
    };
    await prefill(model, [{ ...prompt, onPass }]);
    search.begin(request.promptIds);
    await strategy.begin();
    await decode(model, strategy);
    return strategy.conclude();
  } catch (error) {
    request.fail();
    strategy.dispose();
    throw error;
  } finally {
    search.dispose();
  }
}

class Contrastive implements DecodingStrategy {
  readonly #request: Request;
  readonly #search: BackendContrastiveSearch;
  readonly #sequence: Sequence;
  #session: BackendSession; // has read all of the text
  #constraint: Constraint | null = null;
  #candidates: { id: number; session: BackendSession }[] = []; // of the step under way

  constructor(request: Request, search: BackendContrastiveSearch) {
    this.#request = request;
    this.#search = search;
    this.#session = request.session;
    this.#sequence = new Sequence(request, 0, null);
  }

  get isOver(): boolean {
    return this.#sequence.finishReason !== null;
  }

  async begin(): Promise<void> {
    this.#constraint = (await this.#request.hooks.form?.start()) ?? null;
    this.#sequence.finishReason = this.#request.interruption;
    this.#request.sequences = [this.#sequence];
  }

  async choose(): Promise<void> {
    if (this.#candidates.length > 0) await this.#choose();
    if (!this.isOver) await this.#findCandidates();
  }

  async nextInputs(): Promise<PassInput[]> {
    if (this.#request.hooks.signal.aborted) {
      this.#sequence.finishReason = 'aborted';
      this.#dropCandidates();
    }
    return this.#candidates.map(({ id, session }) => ({ session, ids: [id] }));
  }

  conclude(): Leftover {
    this.#constraint?.dispose();
    this.#request.endWhenOver();
    this.#session.tap([]);
    return { session: this.#session, unread: [] };
  }

  dispose(): void {
    this.#dropCandidates();
    this.#constraint?.dispose();
    this.#session.dispose();
  }

  async #choose(): Promise<void> {
    const request = this.#request;
    const index = this.#search.choose(this.#candidates.map(({ session }) => session));
    const [chosen] = this.#candidates.splice(index, 1) as [{ id: number; session: BackendSession }];
    request.lastTokenMs = performance.now();
    request.firstTokenMs ??= request.lastTokenMs;
    const before = this.#session;
    this.#session = chosen.session;
    this.#sequence.take(tokenOf(before, chosen.id, request.options.logprobs));
    before.dispose();
    this.#dropCandidates();
    this.#constraint?.accept(chosen.id);
    for (const criterion of request.hooks.stoppingCriteria) {
      this.#sequence.finishReason ??= await criterion(this.#sequence);
    }
  }

  async #findCandidates(): Promise<void> {
    const { logitsProcessor, model } = this.#request;
    const change = logitsProcessor && ((logits: Float32Array) => logitsProcessor(logits, this.#sequence.ids));
    const mask = await this.#constraint?.mask();
    for (const id of this.#search.candidates(this.#session, change ?? undefined, mask)) {
      const session = await model.cache.withMemory(() => this.#session.fork());
      this.#candidates.push({ id, session });
      session.tap(['hidden']);
    }
  }

  #dropCandidates(): void {
    for (const { session } of this.#candidates.splice(0)) session.dispose();
  }
}

function tokenOf(session: BackendSession, id: number, alternatives: number | null): ChosenToken {
  if (alternatives === null) return { id };
  return { id, logprobs: { tokenId: id, ...session.logProbabilities(id, { alternatives }) } };
}
