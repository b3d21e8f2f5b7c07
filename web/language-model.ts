import { SottoError } from './errors.js';
import { Generation } from './generation.js';
import type { GenerationResult, Piece } from './generation-result.js';
import type { MemoryStats, ModelInfo } from './model-info.js';
import {
  type GenerateOptions,
  type LoadOptions,
  resolveGenerateOptions,
  resolveLoadOptions,
  resolvePrompt,
  resolveTokenIds,
} from './options.js';
import { checkSamplerTokens } from './resolve-sampling.js';
import { resolveSource, type SourceInput } from './sources/spec.js';
import { WorkerClient } from './worker/client.js';
import { lendSource } from './worker/lent-files.js';
import type { GenerateParams } from './worker/protocol.js';
import { TurnQueue } from './worker/turn-queue.js';

/**
 * A language model in memory.
 *
 * ```ts
 * const model = await LanguageModel.load('models/tiny-stories/');
 * console.log(await model.generate('Once upon a time', { maxNewTokens: 64 }).text());
 * await model.dispose();
 * ```
 */
export class LanguageModel {
  /** What was loaded. */
  readonly info: ModelInfo;
  readonly #client: WorkerClient;
  readonly #turns = new TurnQueue();

  private constructor(client: WorkerClient, info: ModelInfo) {
    this.#client = client;
    this.info = info;
  }

  /**
   * Loads a model: config.json, model.safetensors (or model.safetensors.index.json and its shards), and where they
   * are there tokenizer.json, tokenizer_config.json and generation_config.json.
   *
   * @param source The address of the model's folder: a URL, in Node also a path. Or a list of File objects, as from
   *   `<input type="file">`. Or an object with the files' contents by name; these are read during loading only.
   * @throws SottoError about options ('unknown-option', 'bad-option'), files ('file-not-found', 'network',
   *   'bad-file', 'missing-tensor', 'bad-tensor', 'unsupported-tokenizer'), the model ('unsupported-model',
   *   'bad-config') or the environment ('out-of-memory', 'unsupported-environment'); the reason of `options.signal`
   *   after an abort; what `options.onProgress` throws.
   */
  static async load(source: SourceInput, options: LoadOptions = {}): Promise<LanguageModel> {
    const { onProgress, signal, worker, ...engineOptions } = resolveLoadOptions(options);
    const spec = resolveSource(source);
    signal?.throwIfAborted();
    const client = await WorkerClient.connect(worker);
    const abort = () => void client.close(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const lent = lendSource(spec);
    try {
      const params = { source: lent.source, ...engineOptions };
      const info = await client.call('load', params, {
        onEvent: (progress) => {
          try {
            onProgress?.(progress);
          } catch (error) {
            void client.close(error);
          }
        },
        transfer: lent.transfer,
      });
      return new LanguageModel(client, info);
    } catch (error) {
      await client.close(error);
      throw error;
    } finally {
      lent.end();
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Continues a text. The generation starts at once, or when those asked for earlier have ended: a model runs one
   * at a time.
   *
   * @param prompt Text, or token ids (the only way for a model without a tokenizer).
   * @throws SottoError 'unknown-option', 'bad-option', 'empty-prompt', 'bad-token', 'disposed', 'engine-crashed'; what
   *   cannot be told at once rejects the generation's `result`.
   */
  generate(prompt: string | ArrayLike<number>, options: GenerateOptions = {}): Generation {
    this.#client.checkOpen();
    const { options: resolved, ...callers } = resolveGenerateOptions(options, this.info.generationDefaults);
    checkSamplerTokens(resolved, this.info.vocabSize);
    const params = { prompt: resolvePrompt(prompt, this.info.vocabSize), options: resolved };
    return new Generation((emit, signal) => this.#run(params, emit, signal), callers);
  }

  /**
   * The token ids of a text, as `generate` would make them of a prompt.
   *
   * @throws SottoError 'no-tokenizer', 'bad-option', 'disposed', 'engine-crashed'
   */
  async encode(text: string): Promise<number[]> {
    if (typeof text !== 'string') throw new SottoError('bad-option', 'encode takes a string');
    return this.#client.call('encode', { text });
  }

  /**
   * The text of token ids, without special tokens; bytes that are no UTF-8 come out as U+FFFD.
   *
   * @throws SottoError 'no-tokenizer', 'bad-token', 'bad-option', 'disposed', 'engine-crashed'
   */
  async decode(tokenIds: ArrayLike<number>): Promise<string> {
    return this.#client.call('decode', {
      tokenIds: resolveTokenIds(tokenIds, this.info.vocabSize, 'tokenIds'),
    });
  }

  /** What the engine's memory holds now. Throws 'disposed' or 'engine-crashed' when there is none any more. */
  async memory(): Promise<MemoryStats> {
    return this.#client.call('memory', {});
  }

  /**
   * Frees the model's memory and ends its worker. Generations that have not ended reject with 'disposed', as does
   * whatever is asked of the model from now on. Idempotent.
   */
  async dispose(): Promise<void> {
    await this.#client.close(new SottoError('disposed', 'the model was disposed; load it again'));
  }

  /** `dispose()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #run(
    params: GenerateParams,
    emit: (piece: Piece) => void,
    signal: AbortSignal,
  ): Promise<GenerationResult> {
    const startMs = performance.now();
    const endTurn = await this.#turns.take(signal);
    const queueMs = performance.now() - startMs;
    if (endTurn === null) return abortedInQueue(params.options.seed, queueMs);
    try {
      const { timings, ...result } = await this.#client.call('generate', params, { onEvent: emit, signal });
      return { ...result, timings: { queueMs, ...timings } };
    } finally {
      endTurn();
    }
  }
}

function abortedInQueue(seed: number, queueMs: number): GenerationResult {
  return {
    text: '',
    tokenIds: [],
    finishReason: 'aborted',
    seed,
    usage: { promptTokens: 0, completionTokens: 0, totalTokens: 0 },
    timings: { queueMs, prefillMs: 0, timeToFirstTokenMs: 0, decodeMs: 0, tokensPerSecond: 0 },
  };
}
