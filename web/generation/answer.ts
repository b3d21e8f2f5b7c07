import type {
  FinishReason,
  Piece,
  SequenceResult,
  TokenLogProbabilities,
} from '../results/generation-result.js';
import type { PieceAssembler } from '../text/piece-assembler.js';

/** A token that was chosen, with what is told of it. */
export interface ChosenToken {
  id: number;
  logprobs?: TokenLogProbabilities;
}

/** When an answer is long enough. */
export interface AnswerLimit {
  endTokenIds: ReadonlySet<number>;
  mostTokens: number;
  /** What `mostTokens` is due to. */
  atMost: 'length' | 'context-full';
}

/** What has been generated of one sequence, and when it is enough. */
export class Answer {
  text = '';
  readonly tokens: ChosenToken[] = [];
  finishReason: FinishReason | null = null;
  readonly #assembler: PieceAssembler<ChosenToken>;
  readonly #limit: AnswerLimit;
  readonly #emit: (piece: Piece) => void;
  #endToken: ChosenToken | undefined;

  constructor(assembler: PieceAssembler<ChosenToken>, limit: AnswerLimit, emit: (piece: Piece) => void) {
    this.#assembler = assembler;
    this.#limit = limit;
    this.#emit = emit;
  }

  /** The text with what is held back. */
  get wholeText(): string {
    return this.text + this.#assembler.heldText;
  }

  /** The tokens that it may still have. */
  get nLeft(): number {
    return this.#limit.mostTokens - this.tokens.length;
  }

  get tokenIds(): number[] {
    return this.tokens.map(({ id }) => id);
  }

  /** Takes a token, which may be the last one: `finishReason` tells. */
  take(token: ChosenToken): void {
    this.tokens.push(token);
    if (this.#limit.endTokenIds.has(token.id)) {
      this.#endToken = token; // it has no text, and comes after all text that is held back
      this.finishReason = 'end-token';
      return;
    }
    const { piece, stopped } = this.#assembler.push(token);
    this.#send(piece);
    const isFull = this.tokens.length >= this.#limit.mostTokens;
    this.finishReason = stopped ?? (isFull ? this.#limit.atMost : null);
  }

  /** Ends it, for the reason that it has or for this one, and sends what was held back. */
  finish(reason?: FinishReason): void {
    this.finishReason ??= reason ?? null;
    this.#send(this.#assembler.finish(this.#endToken));
  }

  result(): SequenceResult {
    const logprobs = logprobsOf(this.tokens);
    return {
      text: this.text,
      tokenIds: this.tokenIds,
      finishReason: this.finishReason ?? 'aborted',
      ...(logprobs && { logprobs }),
    };
  }

  #send(assembled: { text: string; tokens: ChosenToken[] } | null): void {
    if (assembled === null) return;
    const { text, tokens } = assembled;
    const logprobs = logprobsOf(tokens);
    this.text += text;
    this.#emit({ text, tokenIds: tokens.map(({ id }) => id), ...(logprobs && { logprobs }) });
  }
}

function logprobsOf(tokens: readonly ChosenToken[]): TokenLogProbabilities[] | null {
  const told = tokens.flatMap(({ logprobs }) => logprobs ?? []);
  return told.length > 0 ? told : null;
}
