import type { BackendSampler, BackendSession } from '../engine/backend.js';
import type { Constraint } from '../forms/constraint.js';
import { parseForm } from '../forms/parse-form.js';
import { assistantMessage, contentOf } from '../results/chat-message.js';
import type {
  FinishReason,
  Piece,
  SequenceResult,
  TokenLogProbabilities,
} from '../results/generation-result.js';
import { type AssembledPiece, Detokenizer } from '../text/detokenizer.js';
import type { StopKind } from '../text/stop-conditions.js';
import { Answer } from './answer.js';
import type { PromptLookup } from './prompt-lookup.js';
import type { Request } from './request.js';

/** A token that was chosen, with what is told of it. */
export interface ChosenToken {
  id: number;
  logprobs?: TokenLogProbabilities;
}

/** What a sequence chooses its tokens by, where it does so by itself. */
export interface SequenceParts {
  session: BackendSession;
  sampler: BackendSampler;
  lookup: PromptLookup | null;
  /** What the answer has to keep to. */
  constraint: Constraint | null;
}

/**
 * One answer on its way: its session has read all of the text but the last tokens. What a search finds at its end is a
 * sequence without parts of its own.
 */
export class Sequence {
  readonly request: Request;
  /** Which of the request's. */
  readonly index: number;
  readonly parts: SequenceParts | null;
  /** Prompt and answer, what was shifted away included. */
  readonly ids: number[];
  finishReason: FinishReason | null = null;
  /** Of a beam: see `SequenceResult`. */
  score: number | undefined;
  /** Tokens behind the last one that ran through the model on suspicion. */
  drafted: readonly number[] = [];
  /** Its last tokens that the session has not read. */
  nUnread = 1;
  #text = '';
  readonly #tokens: ChosenToken[] = [];
  /** Of a chat. */
  readonly answer: Answer<ChosenToken> | null;
  #detokenizer: Detokenizer<ChosenToken>;
  #endToken: ChosenToken | undefined;

  constructor(request: Request, index: number, parts: SequenceParts | null) {
    this.request = request;
    this.index = index;
    this.parts = parts;
    this.ids = Array.from(request.promptIds);
    this.answer = request.chat === null ? null : new Answer(request.chat);
    this.#detokenizer = this.#newDetokenizer();
    parts?.sampler.begin(this.ids);
  }

  /** The text with what is held back. */
  get wholeText(): string {
    return this.#text + this.#detokenizer.heldText;
  }

  /** Of the answer. */
  get tokenIds(): number[] {
    return this.#tokens.map(({ id }) => id);
  }

  /** The tokens that it may still have. */
  get nLeft(): number {
    return this.request.limit.maxTokens - this.#tokens.length;
  }

  /** Takes a token, which may be the last one: `finishReason` tells. */
  take(token: ChosenToken): void {
    const { endTokenIds, limit } = this.request;
    this.ids.push(token.id);
    this.#tokens.push(token);
    if (endTokenIds.has(token.id)) {
      this.#endToken = token; // it has no text, and comes after all text that is held back
      this.finishReason = 'end-token';
      return;
    }
    const stopped = this.#read(token);
    const isFull = this.#tokens.length >= limit.maxTokens;
    this.finishReason = stopped ?? (isFull ? limit.reason : null);
  }

  /** Ends it, for the reason that it has or for this one, and sends what was held back. */
  finish(reason?: FinishReason): void {
    this.finishReason ??= reason ?? null;
    this.#put(this.#detokenizer.finish(this.#endToken));
    for (const { part, tokens } of this.answer?.finish() ?? []) this.#tell(part, tokens);
  }

  result(): SequenceResult {
    const logprobs = logprobsOf(this.#tokens);
    const isComplete = this.finishReason === 'end-token';
    const parsed = parseForm(this.request.options.responseFormat, this.#text, isComplete);
    return {
      text: this.#text,
      tokenIds: this.tokenIds,
      finishReason: this.finishReason ?? 'aborted',
      ...(logprobs && { logprobs }),
      ...(parsed !== undefined && { parsed }),
      ...(this.answer && {
        message: assistantMessage(this.answer.parts, this.request.chat?.continued),
      }),
      ...(this.score !== undefined && { score: this.score }),
    };
  }

  #newDetokenizer(): Detokenizer<ChosenToken> {
    return new Detokenizer(this.request.model.tokenizer, this.request.options.stop);
  }

  /** What stops the text, or null. A marker of a chat's is no text: nothing goes on behind it. */
  #read(token: ChosenToken): StopKind | null {
    const marker = this.answer?.markerOf(token.id);
    if (marker === undefined) {
      const { piece, stopped } = this.#detokenizer.push(token);
      this.#put(piece);
      return stopped;
    }
    this.#put(this.#detokenizer.finish());
    this.#detokenizer = this.#newDetokenizer();
    this.#put({ text: marker, tokens: [token] }, true);
    return null;
  }

  #put(assembled: AssembledPiece<ChosenToken> | null, isMarker = false): void {
    if (assembled === null) return;
    const { text, tokens } = assembled;
    if (this.answer === null) this.#tell({ text }, tokens);
    else for (const { part, tokens: its } of this.answer.push(text, tokens, isMarker)) this.#tell(part, its);
  }

  #tell(part: Omit<Piece, 'tokenIds'>, tokens: readonly ChosenToken[]): void {
    this.#text += contentOf([part]);
    const piece: Piece = { ...part, tokenIds: tokens.map(({ id }) => id) };
    if (this.request.options.numReturnSequences > 1) piece.sequence = this.index;
    const logprobs = logprobsOf(tokens);
    if (logprobs !== null) piece.logprobs = logprobs;
    this.request.hooks.streamer.put(piece);
  }
}

function logprobsOf(tokens: readonly ChosenToken[]): TokenLogProbabilities[] | null {
  const told = tokens.flatMap(({ logprobs }) => logprobs ?? []);
  return told.length > 0 ? told : null;
}
