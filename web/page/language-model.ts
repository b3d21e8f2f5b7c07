import { bindMembers } from '../base/bind-members.js';
import { onAbort } from '../base/on-abort.js';
import { resolveMessages } from '../options/chat-messages.js';
import {
  type ChatOptions,
  type ChatTemplateOptions,
  completeChat,
  type ResolvedChat,
  requireMessages,
  resolveTemplateOptions,
} from '../options/chat-options.js';
import { type EstimateOptions, resolveEstimateOptions } from '../options/estimate-options.js';
import type { GenerateOptions } from '../options/generate-options.js';
import { copyBytes } from '../options/given-bytes.js';
import { type LoadOptions, resolveLoadOptions } from '../options/load-options.js';
import type { ModelInfo } from '../options/model-info.js';
import { badOption } from '../options/option-checks.js';
import {
  type ReadOptions,
  resolveReadOptions,
  resolveTextOptions,
  type TextOptions,
} from '../options/read-options.js';
import {
  type ResolvedCall,
  resolveChatOptions,
  resolveGenerateOptions,
} from '../options/resolve-generate-options.js';
import { type Prompt, readList, resolvePrompt, resolveTokenIds } from '../options/token-ids.js';
import type { ChatMessage } from '../results/chat-message.js';
import { SottoError } from '../results/errors.js';
import type { MemoryStats } from '../results/memory-stats.js';
import type { ModelEstimate } from '../results/model-estimate.js';
import type { Score } from '../results/session-values.js';
import type { SourceInput } from '../sources/spec.js';
import { CallerFunctions } from './caller-functions.js';
import { WorkerClient } from './client.js';
import { GenerateCall } from './generate-call.js';
import { Generation } from './generation.js';
import { engineParams, lendModel, resolveLoadSource } from './load-params.js';
import { Session } from './session.js';
import { SharedModel } from './shared-model.js';
import { takeAll } from './turn-queue.js';

/** How long a worker whose loading was aborted may take to keep what it has got. */
const LAST_WORDS_MS = 1_000;

/**
 * A language model in memory. When nothing of it is held any more, neither the model nor a session, its worker ends by itself,
 * some time later; `dispose()` does it now.
 *
 * ```ts
 * const model = await LanguageModel.load('models/tiny-stories/');
 * console.log(await model.generate('Once upon a time', { maxNewTokens: 64 }).text());
 * await model.dispose();
 * ```
 */
export class LanguageModel {
  /** What was loaded; frozen. */
  readonly info: ModelInfo;
  readonly #shared: SharedModel;

  private constructor(shared: SharedModel) {
    bindMembers(this);
    this.#shared = shared;
    this.info = shared.info;
  }

  get [Symbol.toStringTag](): string {
    return 'LanguageModel';
  }

  /**
   * Loads a model: a GGUF file, or config.json with model.safetensors (or model.safetensors.index.json and its shards), and
   * where they are there tokenizer.json, tokenizer_config.json and generation_config.json.
   *
   * @param source The name of a model on a hub, `owner/name`, or `owner/name:Q4_K_M` for a GGUF file of that type. Or the address of a
   *   model's folder or GGUF file: a URL, in Node also a path. Or a list of File objects, as from `<input type="file">`. Or an
   *   object with the files' contents or URLs by name; contents are read during loading only.
   * @throws SottoError about options ('unknown-option', 'bad-option'), files ('file-not-found', 'access-denied', 'network',
   *   'bad-file', 'missing-tensor', 'bad-tensor', 'unsupported-tokenizer'), the model ('unsupported-model',
   *   'bad-config') or the environment ('out-of-memory', 'unsupported-environment'); the reason of `options.signal`
   *   after an abort; what `options.onProgress` throws, or returns a promise of that rejects.
   */
  static async load(source: SourceInput, options: LoadOptions = {}): Promise<LanguageModel> {
    const resolved = resolveLoadOptions(options);
    const { onProgress, signal, worker } = resolved;
    const spec = resolveLoadSource(source, resolved);
    signal?.throwIfAborted();
    const client = await WorkerClient.connect(worker);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stopListening = onAbort(signal, () => {
      timer = setTimeout(() => void client.close(signal?.reason), LAST_WORDS_MS);
    });
    const lent = lendModel(spec, resolved);
    const functions = new CallerFunctions((error) => void client.close(error));
    try {
      const { prefixCache } = resolved;
      const params = { ...lent.params, ...engineParams(resolved), prefixCache };
      const info = await client.call('load', params, {
        onEvent: (progress) => functions.call(onProgress, progress),
        signals: [signal],
        transfer: lent.transfer,
      });
      signal?.throwIfAborted();
      await functions.settled(signal);
      client.checkOpen();
      client.setModelSize(info.nParameters);
      return new LanguageModel(new SharedModel(client, freezeAll(info)));
    } catch (error) {
      await client.close(error);
      signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      lent.end();
      stopListening();
    }
  }

  /**
   * Says what loading a model would take, without loading it: of its files only the configuration and the headers are read, and
   * no memory is taken for weights. The numbers are the engine's own. `load` itself refuses a model that the engine cannot hold,
   * before its weights are fetched.
   *
   * ```ts
   * const { downloadBytes, fits, byWeights } = await LanguageModel.estimate(source);
   * ```
   *
   * @param source As for `load`.
   * @param options As for `load`; `weights` says for which the estimate is, and {@link ModelEstimate.byWeights} has all.
   * @throws SottoError as `load`, but never 'out-of-memory' for a model that is too large: `fits` is false then.
   */
  static async estimate(source: SourceInput, options: EstimateOptions = {}): Promise<ModelEstimate> {
    const resolved = resolveEstimateOptions(options);
    const { signal, worker, contextLength } = resolved;
    const spec = resolveLoadSource(source, resolved);
    signal?.throwIfAborted();
    const client = await WorkerClient.connect(worker);
    const lent = lendModel(spec, resolved);
    try {
      const given = { ...engineParams(resolved), ...(contextLength !== undefined && { contextLength }) };
      const params = { ...lent.params, ...given };
      return await client.call('estimate', params, { signals: [signal], transfer: lent.transfer });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      lent.end();
      await client.close(new SottoError('disposed', 'the estimate has ended'));
    }
  }

  /**
   * Continues a text. The generation starts at once, or when those asked for earlier have ended: a model runs one
   * at a time. Where the prompt begins like an earlier one, answer included, it is read from there on only
   * (`usage.cachedTokens`).
   *
   * @param prompt Text, or token ids (the only way for a model without a tokenizer).
   * @throws SottoError 'unknown-option', 'bad-option', 'empty-prompt', 'bad-token', 'disposed', 'engine-crashed'; what
   *   cannot be told at once rejects the generation's `result`.
   */
  generate(prompt: string | ArrayLike<number>, options: GenerateOptions = {}): Generation {
    return this.#generate([resolvePrompt(prompt, this.#shared.info)], options, 'generate')[0] as Generation;
  }

  /**
   * Continues several texts side by side, one pass of the model for each step of all: several times as fast as one after
   * the other. Each generation gives what it would give alone.
   *
   * @param prompts As for `generate`. The options, the seed included, hold for each of them; `options.signal` ends all,
   *   a generation's own `abort()` only that one.
   * @throws SottoError as `generate`
   */
  generateBatch(
    prompts: readonly (string | ArrayLike<number>)[],
    options: GenerateOptions = {},
  ): Generation[] {
    const { info } = this.#shared;
    const list = readList(prompts, 'prompts', 'an array of prompts');
    const checked = list.map((prompt, i) => resolvePrompt(prompt, info, `prompts[${i}]`));
    return this.#generate(checked, options, 'generateBatch');
  }

  /**
   * Answers the last of some messages, in the format that the model was trained with: its own chat template makes the prompt.
   * What stands in the messages is text, and never one of the template's special tokens. Pieces say what they are (`kind`):
   * text, thoughts, or a call of one of the tools; the result has the answer as a `message`, to be put behind the others. Of a
   * conversation that goes on, only what is new is read (`usage.cachedTokens`).
   *
   * @param messages As transformers' templates and other libraries have them: `{ role, content }`.
   * @throws SottoError 'no-chat-template', 'no-tokenizer', and as `generate`; the generation's `result` rejects with
   *   'bad-template' where the template is damaged, refuses the messages, or does not end.
   */
  chat(messages: readonly ChatMessage[], options: ChatOptions = {}): Generation {
    const { info, client } = this.#shared;
    client.checkOpen();
    const resolved = resolveMessages(messages);
    requireMessages(resolved);
    const { template, ...call } = resolveChatOptions(options, info);
    return this.#start([completeChat(resolved, template, info)], call)[0] as Generation;
  }

  /**
   * The prompt that `chat` would make of messages, as text.
   *
   * @throws SottoError 'no-chat-template', 'bad-template', 'no-tokenizer', 'unknown-option', 'bad-option', 'disposed',
   *   'engine-crashed'
   */
  async applyChatTemplate(
    messages: readonly ChatMessage[],
    options: ChatTemplateOptions = {},
  ): Promise<string> {
    const resolved = resolveMessages(messages);
    requireMessages(resolved);
    const chat = resolveTemplateOptions(resolved, options, this.#shared.info, 'applyChatTemplate');
    return this.#shared.client.call('applyChatTemplate', { chat });
  }

  /**
   * A text to go on with, empty at first: it keeps what it has read, can be forked, cut, saved.
   *
   * @throws SottoError 'disposed', 'engine-crashed'
   */
  async createSession(): Promise<Session> {
    return new Session(this.#shared, await this.#shared.client.call('createSession', {}));
  }

  /**
   * A session out of the bytes that `Session.save()` gave: it goes on with the same tokens, whatever browser it is in.
   *
   * @throws SottoError 'bad-session' for bytes of another model, other weights or another version, cut or changed ones;
   *   'out-of-memory', 'bad-option', 'disposed', 'engine-crashed'
   */
  async restoreSession(bytes: ArrayBuffer | ArrayBufferView): Promise<Session> {
    const copy = copyBytes(bytes, 'bytes');
    const state = await this.#shared.client.call(
      'restoreSession',
      { bytes: copy },
      { transfer: [copy.buffer] },
    );
    return new Session(this.#shared, state);
  }

  /**
   * How likely the model finds a text: each token's log-probability and the perplexity.
   *
   * @throws SottoError 'empty-prompt', 'prompt-too-long', 'no-tokenizer', 'bad-token', 'unknown-option', 'bad-option',
   *   'out-of-memory', 'disposed', 'engine-crashed'; the reason of `options.signal`; what `options.onPrefillProgress` throws.
   */
  async score(input: string | ArrayLike<number>, options: ReadOptions = {}): Promise<Score> {
    const { signal, onPrefillProgress, specialTokens = true } = resolveReadOptions(options, 'score');
    const params = { input: resolvePrompt(input, this.#shared.info, 'input'), specialTokens };
    const leave = await takeAll([this.#shared.turns], signal && [signal]);
    if (leave === null) throw signal?.reason;
    try {
      return await this.#shared.client.callWatched('score', params, {
        ...(signal && { signal }),
        ...(onPrefillProgress && { onEvent: onPrefillProgress }),
      });
    } finally {
      leave();
    }
  }

  /**
   * The token ids of a text, as `generate` would make them of a prompt.
   *
   * @throws SottoError 'no-tokenizer', 'unknown-option', 'bad-option', 'disposed', 'engine-crashed'
   */
  async encode(text: string, options: TextOptions = {}): Promise<number[]> {
    if (typeof text !== 'string') throw badOption('text', text, 'a string');
    return this.#shared.client.call('encode', { text, ...resolveTextOptions(options, 'encode') });
  }

  /**
   * The text of token ids, without special tokens; bytes that are no UTF-8 come out as U+FFFD.
   *
   * @throws SottoError 'no-tokenizer', 'bad-token', 'bad-option', 'disposed', 'engine-crashed'
   */
  async decode(tokenIds: ArrayLike<number>): Promise<string> {
    return this.#shared.client.call('decode', {
      tokenIds: resolveTokenIds(tokenIds, this.#shared.info.vocabSize, 'tokenIds'),
    });
  }

  /** What the engine's memory holds now. Throws 'disposed' or 'engine-crashed' when there is none any more. */
  async memory(): Promise<MemoryStats> {
    return this.#shared.client.call('memory', {});
  }

  /**
   * Frees the model's memory and ends its worker, in at most 10 s whatever that is doing. Generations that have not ended reject with 'disposed', as does
   * whatever is asked of the model from now on. Idempotent.
   */
  async dispose(): Promise<void> {
    await this.#shared.client.close(new SottoError('disposed', 'the model was disposed; load it again'));
  }

  /** `dispose()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #generate(prompts: Prompt[], given: GenerateOptions, caller: string): Generation[] {
    const { client, info } = this.#shared;
    client.checkOpen();
    return this.#start(prompts, resolveGenerateOptions(given, info, caller));
  }

  #start(prompts: (Prompt | ResolvedChat)[], { options, callbacks }: ResolvedCall): Generation[] {
    const model = this.#shared;
    const params = { from: prompts, options };
    const call = new GenerateCall(params, { model, queues: [model.turns], callbacks });
    return prompts.map(() => new Generation((emit, signal) => call.follow(emit, signal), callbacks));
  }
}

/** Freezes plain data, so that what is checked against it stays true. */
function freezeAll<T>(data: T): T {
  if (typeof data !== 'object' || data === null) return data;
  for (const value of Object.values(data)) freezeAll(value);
  return Object.freeze(data);
}
