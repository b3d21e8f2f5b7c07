import type { Engine, EngineSession } from '../engine/engine.js';
import { SottoError } from '../errors.js';
import type { FinishReason, Piece } from '../generation-result.js';
import { type AssembledPiece, PieceAssembler } from '../text/piece-assembler.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { GenerationClock } from './generation-clock.js';
import type { LoadedModel } from './loading.js';
import type { GenerateParams, WorkerGenerationResult } from './protocol.js';
import { yieldToEvents } from './yield-to-events.js';

/**
 * Runs one generation, from the prompt to the last piece. Between two runs of the model it lets messages through,
 * so that an abort is heard.
 *
 * @param emit Takes each piece as soon as it is certain.
 * @throws SottoError 'no-tokenizer', 'empty-prompt', 'prompt-too-long', 'out-of-memory', 'bad-file' (weights that
 *   give no numbers), 'engine-crashed'
 */
export async function generate(
  loaded: LoadedModel,
  { prompt, options }: GenerateParams,
  emit: (piece: Piece) => void,
  signal: AbortSignal,
): Promise<WorkerGenerationResult> {
  const { engine, model, tokenizer, info } = loaded;
  const { maxNewTokens, stop, ...samplerOptions } = options;
  const clock = new GenerationClock();
  const promptIds =
    typeof prompt === 'string' ? requireTokenizer(tokenizer, 'the prompt').encode(prompt) : prompt;
  checkPromptLength(promptIds.length, info.contextLength);
  if (stop.length > 0) requireTokenizer(tokenizer, 'stop');
  const mostTokens = Math.min(maxNewTokens, info.contextLength - promptIds.length);
  const answer = new Answer(new PieceAssembler(tokenizer, stop), new Set(info.eosTokenIds), mostTokens, emit);

  const session = model.createSession();
  const sampler = engine.createSampler(samplerOptions);
  try {
    await prefill(engine, session, promptIds, signal);
    clock.prefillEnded();
    let finishReason: FinishReason | null = signal.aborted ? 'aborted' : null;
    while (finishReason === null) {
      const tokenId = sampler.sample(session);
      clock.tokenChosen();
      finishReason = answer.take(tokenId);
      if (finishReason !== null) break;
      await yieldToEvents();
      if (signal.aborted) finishReason = 'aborted';
      else session.step(tokenId);
    }
    answer.finish();
    const { text, tokenIds } = answer;
    const [promptTokens, completionTokens] = [promptIds.length, tokenIds.length];
    const usage = { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens };
    return {
      text,
      tokenIds,
      finishReason,
      seed: options.seed,
      usage,
      timings: clock.timings(completionTokens),
    };
  } finally {
    sampler.dispose();
    session.dispose();
  }
}

/** What has been generated so far, and when it is enough. */
class Answer {
  text = '';
  readonly tokenIds: number[] = [];
  readonly #assembler: PieceAssembler<{ id: number }>;
  readonly #endTokenIds: ReadonlySet<number>;
  readonly #mostTokens: number;
  readonly #emit: (piece: Piece) => void;
  #endToken: { id: number } | undefined;

  constructor(
    assembler: PieceAssembler<{ id: number }>,
    endTokenIds: ReadonlySet<number>,
    mostTokens: number,
    emit: (piece: Piece) => void,
  ) {
    this.#assembler = assembler;
    this.#endTokenIds = endTokenIds;
    this.#mostTokens = mostTokens;
    this.#emit = emit;
  }

  /** Takes a token, and tells why it was the last one, or null when it was not. */
  take(tokenId: number): FinishReason | null {
    this.tokenIds.push(tokenId);
    if (this.#endTokenIds.has(tokenId)) {
      this.#endToken = { id: tokenId }; // it has no text, and comes after all text that is held back
      return 'stop';
    }
    const { piece, stopped } = this.#assembler.push({ id: tokenId });
    this.#send(piece);
    if (stopped !== null) return 'stop';
    return this.tokenIds.length === this.#mostTokens ? 'length' : null;
  }

  /** Sends what was held back. */
  finish(): void {
    this.#send(this.#assembler.finish(this.#endToken));
  }

  #send(piece: AssembledPiece<{ id: number }> | null): void {
    if (piece === null) return;
    this.text += piece.text;
    this.#emit({ text: piece.text, tokenIds: piece.tokens.map(({ id }) => id) });
  }
}

/** Runs the prompt through the model, chunk by chunk, until an abort. */
async function prefill(
  engine: Engine,
  session: EngineSession,
  promptIds: ArrayLike<number>,
  signal: AbortSignal,
): Promise<void> {
  const ids = Int32Array.from(promptIds);
  for (let begin = 0; begin < ids.length; begin += engine.maxChunk) {
    if (begin > 0) await yieldToEvents();
    if (signal.aborted) return;
    session.append(ids.subarray(begin, begin + engine.maxChunk));
  }
}

function checkPromptLength(promptTokens: number, contextLength: number): void {
  if (promptTokens === 0) {
    throw new SottoError('empty-prompt', 'the prompt holds no token: give it some text to continue from');
  }
  if (promptTokens < contextLength) return;
  throw new SottoError(
    'prompt-too-long',
    `the prompt has ${promptTokens} tokens, and the model's context is ${contextLength}, prompt and answer together: ` +
      `shorten the prompt to ${contextLength - 1} tokens or less`,
  );
}

function requireTokenizer(tokenizer: Tokenizer | null, what: string): Tokenizer {
  if (tokenizer !== null) return tokenizer;
  const advice = 'give token ids, or load the model with its tokenizer.json';
  throw new SottoError('no-tokenizer', `${what} is text, and this model came without a tokenizer: ${advice}`);
}
