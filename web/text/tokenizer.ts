import { SottoError } from '../results/errors.js';
import {
  ByteLevelPreTokenizer,
  type PreTokenizer,
  SequencePreTokenizer,
  Tokenizer as VendoredTokenizer,
} from '../vendor/tokenizers.js';
import { BYTE_LEVEL_PATTERN, bytesOfToken } from './byte-level.js';
import { checkTokenizerJson, type JsonObject } from './tokenizer-json.js';

/** A token outside of the learnt vocabulary. */
export interface AddedToken {
  content: string;
  /** Whether it steers the model and is no text: left out when ids are decoded. */
  special: boolean;
}

const NO_BYTES = new Uint8Array(0);

/** Text to token ids and back, as a tokenizer.json says; the work is done by `@huggingface/tokenizers`. */
export class Tokenizer {
  /** The token that texts begin with, from tokenizer_config.json, or null. */
  readonly bosTokenId: number | null;
  /** The token that texts end with, from tokenizer_config.json, or null. */
  readonly eosTokenId: number | null;
  /** By id. */
  readonly addedTokens: ReadonlyMap<number, AddedToken>;
  /** Whether tokens are bytes, so that {@link tokenBytes} tells all about them. */
  readonly isByteLevel: boolean;
  readonly #vendored: VendoredTokenizer;
  readonly #prependsBos: boolean;

  private constructor(vendored: VendoredTokenizer, tokenizerJson: JsonObject, configJson: JsonObject) {
    this.#vendored = vendored;
    this.addedTokens = vendored.get_added_tokens_decoder();
    this.isByteLevel = (tokenizerJson.decoder as JsonObject | null)?.type === 'ByteLevel';
    this.bosTokenId = this.#idOf(configJson.bos_token);
    this.eosTokenId = this.#idOf(configJson.eos_token);
    if (configJson.add_bos_token === true && this.bosTokenId === null) {
      throw new SottoError(
        'bad-file',
        'tokenizer_config.json: add_bos_token is true, and bos_token is no token of tokenizer.json',
      );
    }
    // Some tokenizer.json files do it themselves, in their post-processor: once is enough.
    const isPrependedAlready = this.#encode('')[0] === this.bosTokenId;
    this.#prependsBos = configJson.add_bos_token === true && !isPrependedAlready;
  }

  /**
   * Makes a tokenizer of the parsed contents of its files.
   *
   * @param tokenizerJson tokenizer.json
   * @param configJson tokenizer_config.json, where there is one
   * @throws SottoError 'bad-file' when they are damaged, 'unsupported-tokenizer' for a kind that is not known.
   */
  static create(tokenizerJson: unknown, configJson: unknown = {}): Tokenizer {
    const checkedJson = checkTokenizerJson(tokenizerJson);
    if (typeof configJson !== 'object' || configJson === null || Array.isArray(configJson)) {
      throw new SottoError('bad-file', 'tokenizer_config.json holds no JSON object');
    }
    try {
      const vendored = new VendoredTokenizer(checkedJson, configJson);
      correctByteLevelPattern(vendored.pre_tokenizer);
      return new Tokenizer(vendored, checkedJson, configJson as JsonObject);
    } catch (cause) {
      if (cause instanceof SottoError) throw cause;
      throw new SottoError(
        'unsupported-tokenizer',
        `tokenizer.json describes a tokenizer that cannot be used (${cause instanceof Error ? cause.message : cause}). ` +
          'Without the file, prompts and results are token ids.',
        { cause },
      );
    }
  }

  /**
   * The token ids of a text. Added tokens are recognised in it; the token for beginnings is put before it when
   * the tokenizer's files say so (`add_bos_token`) and the text does not begin with it already.
   *
   * @param options.isContinuation Whether there is text before it: then nothing is put before it.
   */
  encode(text: string, options: { isContinuation?: boolean } = {}): number[] {
    if (options.isContinuation) return this.#encode(text, { add_special_tokens: false });
    const ids = this.#encode(text);
    if (this.#prependsBos && this.bosTokenId !== null && ids[0] !== this.bosTokenId) {
      ids.unshift(this.bosTokenId);
    }
    return ids;
  }

  /**
   * The text of token ids, without special tokens. Bytes that are no UTF-8 become U+FFFD; an id that the
   * tokenizer does not have stands for no text (vocabularies of models are padded).
   */
  decode(ids: Iterable<number>): string {
    if (this.isByteLevel) {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      let text = '';
      for (const id of ids) text += decoder.decode(this.tokenBytes(id), { stream: true });
      return text + decoder.decode();
    }
    const known = Array.from(ids).filter((id) => this.hasText(id));
    return known.length === 0 ? '' : this.#vendored.decode(known, { clean_up_tokenization_spaces: false });
  }

  /** Whether a token stands for text: it is known and not special. */
  hasText(id: number): boolean {
    return this.#vendored.id_to_token(id) !== undefined && this.addedTokens.get(id)?.special !== true;
  }

  /** The bytes of a token, none when it has no text; only where {@link isByteLevel}. */
  tokenBytes(id: number): Uint8Array {
    const token = this.#vendored.id_to_token(id);
    if (token === undefined) return NO_BYTES;
    const added = this.addedTokens.get(id);
    if (added === undefined) return bytesOfToken(token);
    return added.special ? NO_BYTES : new TextEncoder().encode(added.content);
  }

  #encode(text: string, options?: { add_special_tokens: boolean }): number[] {
    const { ids } = this.#vendored.encode(text, options);
    if (!ids.every(Number.isInteger)) {
      throw new SottoError('unsupported-tokenizer', 'tokenizer.json has no token for a part of the text');
    }
    return ids;
  }

  /** The id of a token as tokenizer_config.json names it: its text, or an object that holds it. */
  #idOf(token: unknown): number | null {
    const content = typeof token === 'object' && token !== null ? (token as JsonObject).content : token;
    return typeof content === 'string' ? (this.#vendored.token_to_id(content) ?? null) : null;
  }
}

function correctByteLevelPattern(preTokenizer: PreTokenizer | null): void {
  if (preTokenizer instanceof ByteLevelPreTokenizer) preTokenizer.pattern = BYTE_LEVEL_PATTERN;
  if (preTokenizer instanceof SequencePreTokenizer) preTokenizer.tokenizers.forEach(correctByteLevelPattern);
}
