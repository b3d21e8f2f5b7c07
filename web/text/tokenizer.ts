import { isObject, type JsonObject } from '../base/json.js';
import { yieldToEvents } from '../base/yield-to-events.js';
import { SottoError } from '../results/errors.js';
import { bytesOfToken } from './byte-level.js';
import { type AddedTokenEntry, AddedTokenSplitter, readAddedTokens } from './tokenizer/added-tokens.js';
import { type Decoder, decodeTokens, lengthOf, makeDecoders } from './tokenizer/decoders.js';
import { damaged } from './tokenizer/json-part.js';
import {
  normalizeWithRanges,
  rangesWithin,
  readLiteral,
  type TextRange,
  TokenBreaker,
} from './tokenizer/literal-text.js';
import { makeModel } from './tokenizer/make-model.js';
import { makeNormalizers, type Normalizer, normalize } from './tokenizer/normalizers.js';
import { PostProcessor } from './tokenizer/post-processor.js';
import { makePreTokenizers, type PreTokenizer, preTokenize } from './tokenizer/pre-tokenizers.js';
import { StepBudget } from './tokenizer/step-budget.js';
import { makeTokenBytes, type TokenBytes } from './tokenizer/token-bytes.js';
import type { TokenModel } from './tokenizer/token-model.js';

/** A token outside of the learnt vocabulary. */
export interface AddedToken {
  content: string;
  /** Whether it steers the model and is no text: left out when ids are decoded. */
  special: boolean;
}

export interface EncodeOptions {
  /** Whether there is text before it: then nothing is put before it. */
  isContinuation?: boolean;
  /**
   * Where the text is only text, as ranges in UTF-16 units, or true for all of it: an added token is found only where it
   * lies wholly outside, and no id stands for one that is written there. Tokens that are nothing but white space and not
   * special are text. Default: nowhere.
   */
  literal?: true | readonly TextRange[];
}

/** A text, and where it is literal. */
interface LiteralText {
  text: string;
  literal: readonly TextRange[];
}

const NO_BYTES = new Uint8Array(0);

/** How much of a text is encoded between two looks at the clock, in UTF-16 units. */
const STRETCH = 8192;

/** How long {@link Tokenizer.encodeAsync} works before it lets events through, in milliseconds. */
const MAX_BUSY_TIME = 20;

/**
 * Text to token ids and back, as a tokenizer.json says. The file is somebody else's: its contents are checked before they are
 * used, and what it makes of a text takes time and memory in proportion to the text's length ({@link StepBudget}).
 */
export class Tokenizer {
  /** The token that texts begin with, from tokenizer_config.json, or null. */
  readonly bosTokenId: number | null;
  /** The token that texts end with, from tokenizer_config.json, or null. */
  readonly eosTokenId: number | null;
  /** What tokenizer_config.json calls a token of its own, as `bos_token`, by that name: chat templates read them. */
  readonly specialTokens: Readonly<Record<string, string>>;
  /** By id. */
  readonly addedTokens: ReadonlyMap<number, AddedToken>;
  /** Whether tokens are bytes, so that {@link tokenBytes} tells all about them. */
  readonly isByteLevel: boolean;
  readonly #added: ReadonlyMap<string, AddedTokenEntry>;
  readonly #unnormalized: AddedTokenSplitter;
  readonly #normalized: AddedTokenSplitter;
  readonly #breaker: TokenBreaker;
  readonly #normalizers: Normalizer[];
  readonly #preTokenizers: PreTokenizer[];
  readonly #model: TokenModel;
  readonly #postProcessor: PostProcessor;
  readonly #decoders: Decoder[] | null;
  readonly #bytesWithin: TokenBytes | null;
  readonly #config: JsonObject;
  readonly #prependsBos: boolean;

  private constructor(json: JsonObject, config: JsonObject) {
    const added = readAddedTokens(json.added_tokens);
    this.#config = config;
    this.addedTokens = new Map(added.map((token) => [token.id, token]));
    this.#added = new Map(added.map((token) => [token.content, token]));
    this.#model = makeModel(json.model, (token) => this.#added.get(token)?.id);
    this.#normalizers = makeNormalizers(json.normalizer);
    this.#preTokenizers = makePreTokenizers(json.pre_tokenizer);
    this.#postProcessor = new PostProcessor(json.post_processor, (token) => this.#idOf(token) ?? undefined);
    this.#decoders = json.decoder == null ? null : makeDecoders(json.decoder);
    this.#bytesWithin = this.#model.endOfWordSuffix === null ? makeTokenBytes(json.decoder) : null;
    this.isByteLevel = isObject(json.decoder) && json.decoder.type === 'ByteLevel';
    const isNormalized = (token: AddedTokenEntry) => token.normalized && this.#normalizers.length > 0;
    const asTheyAre = added.map((token) => (isNormalized(token) ? '' : token.content));
    const splitting = { splitsSpecial: config.split_special_tokens === true };
    this.#unnormalized = new AddedTokenSplitter(added, asTheyAre, splitting);
    const inNormalizedText = added.map((token) =>
      isNormalized(token)
        ? normalize(this.#normalizers, token.content, new StepBudget(token.content.length))
        : '',
    );
    this.#normalized = new AddedTokenSplitter(added, inNormalizedText, splitting);
    this.#breaker = new TokenBreaker(added);

    this.specialTokens = Object.fromEntries(
      Object.entries(config).flatMap(([name, token]) => {
        const content = name.endsWith('_token') ? contentOf(token) : undefined;
        return content === undefined ? [] : [[name, content]];
      }),
    );
    this.bosTokenId = this.#idOf(contentOf(config.bos_token));
    this.eosTokenId = this.#idOf(contentOf(config.eos_token));
    if (config.add_bos_token === true && this.bosTokenId === null) {
      throw new SottoError(
        'bad-file',
        'tokenizer_config.json: add_bos_token is true, and bos_token is no token of tokenizer.json',
      );
    }
    // Some tokenizer.json files do it themselves, in their post-processor: once is enough.
    const [first] = this.#postProcessor.apply([], true, new StepBudget(0));
    this.#prependsBos = config.add_bos_token === true && first !== this.bosTokenId;
  }

  /**
   * Makes a tokenizer of the parsed contents of its files.
   *
   * @param tokenizerJson tokenizer.json
   * @param configJson tokenizer_config.json, where there is one
   * @throws SottoError 'bad-file' when they are damaged, 'unsupported-tokenizer' for a kind that is not known.
   */
  static create(tokenizerJson: unknown, configJson: unknown = {}): Tokenizer {
    if (!isObject(tokenizerJson)) throw damaged('it holds no JSON object');
    if (!isObject(configJson)) {
      throw new SottoError('bad-file', 'tokenizer_config.json holds no JSON object');
    }
    return typed('making a tokenizer of it', () => new Tokenizer(tokenizerJson, configJson));
  }

  /**
   * The token ids of a text. Added tokens are recognised in it; the token for beginnings is put before it when
   * the tokenizer's files say so (`add_bos_token`) and the text does not begin with it already. Half of a character of two
   * UTF-16 units counts as U+FFFD, as TextEncoder has it.
   *
   * @throws SottoError 'unsupported-tokenizer' for a text that the file has no tokens for, or makes too much work of.
   */
  encode(text: string, options: EncodeOptions = {}): number[] {
    const steps = this.#encodeInSteps(text, options);
    return typed('encoding a text', () => {
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
      }
    });
  }

  /**
   * The same ids as {@link encode}'s. Events are let through meanwhile, so that an abort of a long text is heard.
   *
   * @param options.signal Ends it, with its reason.
   */
  async encodeAsync(text: string, options: EncodeOptions & { signal?: AbortSignal } = {}): Promise<number[]> {
    options.signal?.throwIfAborted();
    const steps = this.#encodeInSteps(text, options);
    let begin = performance.now();
    for (;;) {
      const step = typed('encoding a text', () => steps.next());
      if (step.done) return step.value;
      if (performance.now() - begin < MAX_BUSY_TIME) continue;
      await yieldToEvents();
      options.signal?.throwIfAborted();
      begin = performance.now();
    }
  }

  /**
   * The text of token ids, without special tokens. Bytes that are no UTF-8 become U+FFFD; an id that the
   * tokenizer does not have stands for no text (vocabularies of models are padded).
   */
  decode(ids: Iterable<number>): string {
    return typed('decoding tokens', () =>
      this.isByteLevel ? this.#decodeBytes(ids) : this.#decodeTokens(ids),
    );
  }

  /** Whether a token stands for text: it is known and not special. */
  hasText(id: number): boolean {
    const added = this.addedTokens.get(id);
    return added === undefined ? this.#model.tokens[id] !== undefined : !added.special;
  }

  /** The bytes of a token, none when it has no text; only where {@link isByteLevel}. */
  tokenBytes(id: number): Uint8Array {
    const added = this.addedTokens.get(id);
    if (added !== undefined) return added.special ? NO_BYTES : new TextEncoder().encode(added.content);
    const token = this.#model.tokens[id];
    return token === undefined ? NO_BYTES : bytesOfToken(token);
  }

  /**
   * The bytes that a token adds to a text that has begun, none when it has no text; null where the file's decoder makes the text
   * of several tokens together, so that a token alone has none.
   */
  bytesWithin(id: number): Uint8Array | null {
    if (this.isByteLevel) return this.tokenBytes(id);
    if (this.#bytesWithin === null) return null;
    if (!this.hasText(id)) return NO_BYTES;
    const added = this.addedTokens.get(id);
    return this.#bytesWithin(added?.content ?? (this.#model.tokens[id] as string));
  }

  /** Yields after each stretch. */
  *#encodeInSteps(
    given: string,
    { isContinuation = false, literal: givenLiteral }: EncodeOptions,
  ): Generator<void, number[]> {
    const text = wellFormed(given);
    const literal = readLiteral(givenLiteral, text.length);
    const budget = new StepBudget(text.length);
    const ids: number[] = [];
    let isFirst = true;
    for (const { token, begin, end } of this.#unnormalized.split(text, literal, budget)) {
      if (token === null) {
        const part = { text: text.slice(begin, end), literal: rangesWithin(literal, begin, end) };
        yield* this.#encodeSection(part, isFirst, ids, budget);
      } else ids.push(token.id);
      isFirst = false;
    }
    const processed = this.#postProcessor.apply(ids, !isContinuation, budget);
    const prependsBos = this.#prependsBos && !isContinuation && processed[0] !== this.bosTokenId;
    return prependsBos ? [this.bosTokenId as number, ...processed] : processed;
  }

  /** Adds the ids of text in which only those added tokens are that are looked for in normalised text. */
  *#encodeSection(
    { text, literal }: LiteralText,
    isFirst: boolean,
    ids: number[],
    budget: StepBudget,
  ): Generator<void> {
    yield;
    const isLiteral = literal.length > 0;
    const toNormalForm = (part: string) => normalize(this.#normalizers, this.#asConfigured(part), budget);
    const normalized =
      isLiteral && !this.#normalized.isEmpty
        ? normalizeWithRanges(toNormalForm, text, literal)
        : { text: toNormalForm(text), literal: [] };
    yield;
    let nSinceYield = 0;
    for (const { token, begin, end } of this.#normalized.split(normalized.text, normalized.literal, budget)) {
      if (token !== null) {
        ids.push(token.id);
        continue;
      }
      const words = preTokenize(this.#preTokenizers, normalized.text.slice(begin, end), isFirst, budget);
      for (const word of words) {
        this.#encodeWord(word, isLiteral, ids, budget);
        nSinceYield += word.length;
        if (nSinceYield < STRETCH) continue;
        yield;
        nSinceYield = 0;
      }
    }
  }

  /** @param isLiteral Whether the word may be a user's: then no added token comes out of the vocabulary either. */
  #encodeWord(word: string, isLiteral: boolean, ids: number[], budget: StepBudget): void {
    const begin = ids.length;
    this.#model.encodeWord(word, ids, budget);
    if (!isLiteral || !this.#breaker.isAmong(ids, begin)) return;
    const parts = this.#breaker.cut(word, budget);
    if (parts.length === 1) return; // it is the token for what is unknown
    ids.length = begin;
    for (const part of parts) this.#model.encodeWord(part, ids, budget);
  }

  /** What XLNet's and XLM's tokenizer_config.json ask for beside tokenizer.json. */
  #asConfigured(text: string): string {
    let configured = text;
    if (this.#config.remove_space === true) configured = configured.trim().split(/\s+/).join(' ');
    if (this.#config.do_lowercase_and_remove_accent === true) {
      configured = configured.toLowerCase().replace(/\p{M}/gu, '');
    }
    return configured;
  }

  #decodeBytes(ids: Iterable<number>): string {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let text = '';
    for (const id of ids) text += decoder.decode(this.tokenBytes(id), { stream: true });
    return text + decoder.decode();
  }

  #decodeTokens(ids: Iterable<number>): string {
    const tokens: string[] = [];
    for (const id of ids) {
      if (this.hasText(id))
        tokens.push(this.addedTokens.get(id)?.content ?? (this.#model.tokens[id] as string));
    }
    if (this.#decoders === null) return tokens.join(' ');
    const text = decodeTokens(this.#decoders, tokens, new StepBudget(lengthOf(tokens)));
    const suffix = this.#model.endOfWordSuffix;
    return suffix === null ? text : text.replaceAll(suffix, ' ');
  }

  #idOf(token: string | undefined): number | null {
    if (token === undefined) return null;
    return this.#added.get(token)?.id ?? this.#model.ids.get(token) ?? null;
  }
}

/** A token as tokenizer_config.json names it: its text, or an object that holds it. */
function contentOf(token: unknown): string | undefined {
  const content = isObject(token) ? token.content : token;
  return typeof content === 'string' ? content : undefined;
}

/** The text with U+FFFD for each half of a character. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** Runs what a file leads to: whatever else it throws says that the file, or the text, is too much. */
function typed<Result>(what: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof SottoError) throw cause;
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    if (cause instanceof RangeError) {
      throw new SottoError('out-of-memory', `tokenizer.json: ${what} takes too much memory (${reason})`, {
        cause,
      });
    }
    throw new SottoError('bad-file', `tokenizer.json: ${what} failed (${reason}). Download the file again.`, {
      cause,
    });
  }
}
