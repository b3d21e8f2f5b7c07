import { shortContextLength } from '../architectures/decoder-config.js';
import type { BackendSession } from '../engine/backend.js';
import type { Constraint } from '../forms/constraint.js';
import { SottoError } from '../results/errors.js';
import { shift } from './context-shift.js';
import { cutTo, type DecodingStrategy, decode, type Leftover, type PassInput, prefill } from './loop.js';
import type { ModelInUse } from './model-in-use.js';
import { PromptLookup } from './prompt-lookup.js';
import type { Request } from './request.js';
import { Sequence, type SequenceParts } from './sequence.js';

/**
 * Greedy choice and sampling: all sequences of all requests go on together, in one pass for each step. A sequence's tokens
 * are those that it would have alone.
 *
 * @returns For each request what its first sequence leaves.
 * @throws SottoError 'out-of-memory', 'bad-file' (weights that give no numbers), 'engine-crashed'; what a logits processor
 * throws.
 */
export async function sample(requests: readonly Request[]): Promise<Leftover[]> {
  const { model } = requests[0] as Request;
  await prefill(
    model,
    requests.map((request) => request.prompt()),
  );
  const sequences: Sequence[] = [];
  try {
    for (const request of requests) {
      for (let index = 0; index < request.options.numReturnSequences; index++) {
        const sequence = await begin(request, index);
        sequence.finishReason = request.interruption;
        request.sequences.push(sequence);
        sequences.push(sequence);
      }
    }
    await decode(model, new Sampling(requests, sequences));
    return requests.map(({ sequences: [first] }) => {
      const { parts, tokenIds, nUnread } = first as Sequence;
      return { session: (parts as SequenceParts).session, unread: tokenIds.slice(-nUnread) };
    });
  } catch (error) {
    for (const request of requests) request.fail();
    for (const { parts } of sequences) parts?.session.dispose();
    throw error;
  } finally {
    for (const { parts, index } of sequences) {
      parts?.sampler.dispose();
      parts?.constraint?.dispose();
      if (index > 0) parts?.session.dispose();
    }
  }
}

/** The first answer goes on in the request's session, the others in forks of it, which are gone again where this fails. */
async function begin(request: Request, index: number): Promise<Sequence> {
  const { model, options, session: promptSession } = request;
  const { backend, cache } = model;
  const seed = options.sampler.seed + index; // the i-th of several samples is what this seed gives alone
  if (!Number.isSafeInteger(seed)) {
    const advice = 'with so many samples it must be smaller';
    throw new SottoError('bad-option', `seed is ${options.sampler.seed}; ${advice}`);
  }
  const value = { ...options.sampler, seed, endTokens: [...request.endTokenIds] };
  const sampler = await cache.withMemory(() => backend.createSampler(value));
  let session: BackendSession | null = null;
  let constraint: Constraint | null = null;
  try {
    constraint = (await request.hooks.form?.start()) ?? null;
    session = index === 0 ? promptSession : await cache.withMemory(() => promptSession.fork());
    const { strategy } = options;
    const drafts = strategy.name === 'sample' ? strategy.promptLookup : null;
    const parts = { session, sampler, constraint, lookup: drafts && new PromptLookup(drafts) };
    return await cache.withMemory(() => new Sequence(request, index, parts));
  } catch (error) {
    sampler.dispose();
    constraint?.dispose();
    if (index > 0) session?.dispose();
    throw error;
  }
}

class Sampling implements DecodingStrategy {
  readonly #requests: readonly Request[];
  readonly #model: ModelInUse;
  readonly #shortLength: number;
  #open: readonly Sequence[];
  #passStartMs: number | null = null;

  constructor(requests: readonly Request[], sequences: readonly Sequence[]) {
    this.#requests = requests;
    this.#model = (requests[0] as Request).model;
    this.#shortLength = shortContextLength(this.#model.backend.config);
    this.#open = sequences; // those that never began are told of by the first choice
  }

  get isOver(): boolean {
    return this.#open.length === 0;
  }

  /**
   * One token for each, or several where the pass bore out what was drafted, or the form leaves no choice. Drafts that failed
   * leave the session.
   */
  async choose(): Promise<void> {
    let going = this.#open.filter(isOpen); // some may have been aborted meanwhile
    for (let nAccepted = 0; going.length > 0; nAccepted++) {
      const ids = await this.#sample(going, nAccepted);
      const further: Sequence[] = [];
      for (const [i, sequence] of going.entries()) {
        await this.#take(sequence, ids[i] as number, nAccepted);
        const isBorneOut = isOpen(sequence) && sequence.drafted[nAccepted] === ids[i];
        if (isBorneOut) {
          further.push(sequence);
          continue;
        }
        if (sequence.parts?.lookup) await this.#endDraft(sequence, nAccepted);
        sequence.nUnread = 1;
        await this.#appendForced(sequence);
      }
      going = further;
    }
    const left = this.#open.filter(isOpen);
    if (left.length === this.#open.length && left.length > 0) return;
    this.#open = left;
    for (const request of this.#requests) request.endWhenOver();
  }

  async nextInputs(): Promise<PassInput[]> {
    for (const sequence of this.#open) {
      if (sequence.request.hooks.signal.aborted) sequence.finishReason = 'aborted';
      else if (sequence.request.options.overflow === 'slide') await shift(sequence);
    }
    const going = this.#open.filter(isOpen);
    this.#passStartMs = performance.now();
    return going.map((sequence) => {
      const { parts, ids, nUnread } = sequence;
      sequence.drafted = parts?.lookup ? this.#draft(sequence, parts) : [];
      return {
        session: (parts as SequenceParts).session,
        ids: [...ids.slice(-nUnread), ...sequence.drafted],
        allLogits: sequence.drafted.length > 0,
      };
    });
  }

  /** By the row of logits behind so many drafted tokens. */
  async #sample(sequences: readonly Sequence[], nAccepted: number): Promise<number[]> {
    const { backend } = this.#model;
    for (const { parts } of sequences) {
      const mask = (await parts?.constraint?.mask()) ?? null;
      if (mask !== null) parts?.sampler.mask(mask);
    }
    const choices = sequences.map((sequence) => {
      const { session, sampler } = sequence.parts as SequenceParts;
      return { session, sampler, row: rowBehind(sequence, nAccepted) };
    });
    if (sequences.every(({ request }) => request.logitsProcessor === null)) {
      const ids: number[] = [];
      for (let begin = 0; begin < choices.length; begin += backend.maxChunk) {
        ids.push(...backend.sample(choices.slice(begin, begin + backend.maxChunk)));
      }
      return ids;
    }
    return choices.map(({ session, sampler, row }, i) => {
      const { request, ids } = sequences[i] as Sequence;
      const logits = sampler.process(session, row);
      request.logitsProcessor?.(logits, ids);
      return sampler.choose();
    });
  }

  async #take(sequence: Sequence, id: number, nAccepted: number): Promise<void> {
    const { request } = sequence;
    request.lastTokenMs = performance.now();
    request.firstTokenMs ??= request.lastTokenMs;
    const { logprobs: alternatives } = request.options;
    if (alternatives === null) {
      sequence.take({ id });
    } else {
      const { session } = sequence.parts as SequenceParts;
      const row = rowBehind(sequence, nAccepted);
      sequence.take({
        id,
        logprobs: { tokenId: id, ...session.logProbabilities(id, { row, alternatives }) },
      });
    }
    for (const criterion of request.hooks.stoppingCriteria) {
      sequence.finishReason ??= await criterion(sequence);
    }
    if (isOpen(sequence)) keepTo(sequence.parts?.constraint, id);
  }

  /** Takes the tokens that the form leaves no choice for: the next pass reads them with the one before them. */
  async #appendForced(sequence: Sequence): Promise<void> {
    const { constraint, sampler, session } = sequence.parts as SequenceParts;
    if (constraint === null || !sequence.request.appendsForced) return;
    const most = this.#roomBehind(session);
    while (isOpen(sequence) && sequence.nUnread <= most) {
      const [id] = constraint.forced();
      if (id === undefined) return;
      sampler.accept(id);
      await this.#take(sequence, id, 0);
      sequence.nUnread++;
    }
  }

  /** How many tokens there may be behind the next one in a pass. */
  #roomBehind({ length }: BackendSession): number {
    const { maxChunk } = this.#model.backend;
    const { contextLength } = this.#model.info;
    const share = Math.floor(maxChunk / Math.min(this.#open.length, maxChunk)) - 1;
    // All rows of a pass have the rotary factors of its end: the last must not take the others over to long ones.
    const end = length < this.#shortLength ? Math.min(contextLength, this.#shortLength) : contextLength;
    return Math.min(share, end - length - 1);
  }

  #draft(sequence: Sequence, { session, lookup, constraint }: SequenceParts): number[] {
    const most = Math.min(this.#roomBehind(session) - sequence.nUnread + 1, sequence.nLeft - 1);
    const draft = (most > 0 && lookup?.draft(sequence.ids, most)) || [];
    return constraint === null ? draft : draft.slice(0, nAllowed(constraint, draft));
  }

  async #endDraft({ parts, drafted }: Sequence, nAccepted: number): Promise<void> {
    const { session, lookup } = parts as SequenceParts;
    const nFailed = drafted.length - nAccepted;
    if (nFailed > 0) await cutTo(this.#model, session, session.length - nFailed);
    if (this.#passStartMs === null) return; // that was the prompt's
    lookup?.learn({ nDrafted: drafted.length, nAccepted, ms: performance.now() - this.#passStartMs });
  }
}

/** Tells a constraint of a token that its mask allowed. */
function keepTo(constraint: Constraint | null | undefined, id: number): void {
  if (constraint?.accept(id) === false) throw new Error(`the form allows the token ${id} and refuses it`);
}

/** How many of the first tokens may come next. */
function nAllowed(constraint: Constraint, ids: readonly number[]): number {
  const index = ids.findIndex((id) => !constraint.accept(id));
  const count = index < 0 ? ids.length : index;
  constraint.rollback(count);
  return count;
}

/** The row of logits behind so many of the drafted tokens. */
function rowBehind({ parts, drafted }: Sequence, nAccepted: number): number {
  return (parts as SequenceParts).session.facts.nLogitRows - 1 - drafted.length + nAccepted;
}

function isOpen({ finishReason }: Sequence): boolean {
  return finishReason === null;
}
