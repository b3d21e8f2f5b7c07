import { shown } from '../../base/json.js';
import { damaged } from './json-part.js';
import { NumberHeap } from './number-heap.js';
import { PairRanks } from './pair-ranks.js';
import { noToken, type TokenModel, type Vocabulary } from './token-model.js';
import { WordCache } from './word-cache.js';

/** What a tokenizer.json says of byte-pair encoding, checked. */
export interface BpeOptions extends Vocabulary {
  /** The pair that is merged first, first: its two tokens; or, of each, three ids: its two, and what they become. */
  merges: readonly (readonly [string, string])[] | Int32Array;
  /** The id for what is not in the vocabulary; null for one that is named and not there; undefined for none. */
  unkId: number | null | undefined;
  /** Whether neighbours that are unknown become one token. */
  fuseUnk: boolean;
  /** Whether a character that is unknown becomes a token for each of its bytes, `<0xE2>`, where all these are known. */
  byteFallback: boolean;
  /** Whether a word that is a token is not merged up to it. */
  ignoreMerges: boolean;
  /** What stands before each part but a word's first. */
  continuingSubwordPrefix: string;
  endOfWordSuffix: string;
}

const GONE = -2; // a symbol that has become part of another
const UNKNOWN = -1;

/** A place in a word stays below it, a rank times it within what numbers hold exactly. */
const RANK_UNIT = 2 ** 31;

/**
 * Byte-pair encoding: a word's characters are its first symbols; of all neighbours that may be merged, those of the lowest
 * rank are, the leftmost first, until none may be ("Neural Machine Translation of Rare Words with Subword Units", 2016).
 * Takes n log n for a word of n characters.
 */
export class BpeModel implements TokenModel {
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  readonly endOfWordSuffix: string | null;
  readonly #options: BpeOptions;
  readonly #ranks: PairRanks;
  readonly #merged: Int32Array; // id by rank
  readonly #words = new WordCache((word) => this.#encode(word));
  readonly #utf8 = new TextEncoder();

  /** @throws SottoError 'bad-file' when a merge needs, or makes, what is not in the vocabulary. */
  constructor(options: BpeOptions) {
    this.#options = options;
    this.ids = options.ids;
    this.tokens = options.tokens;
    this.endOfWordSuffix = options.endOfWordSuffix || null;
    const { merges } = options;
    const triples = merges instanceof Int32Array ? merges : this.#triplesOf(merges);
    this.#merged = new Int32Array(triples.length / 3);
    this.#ranks = new PairRanks(this.#merged.length);
    for (let rank = 0; rank < this.#merged.length; rank++) {
      const at = 3 * rank;
      this.#ranks.set(triples[at] as number, triples[at + 1] as number, rank);
      this.#merged[rank] = triples[at + 2] as number;
    }
  }

  encodeWord(word: string, ids: number[]): void {
    this.#words.addTo(ids, word);
  }

  #encode(word: string): number[] {
    const whole = this.#options.ignoreMerges ? this.ids.get(word) : undefined;
    if (whole !== undefined) return [whole];
    const characters = this.#characters(word);
    const symbols = this.#merge(characters);
    const ids: number[] = [];
    let isBehindUnknown = false;
    for (let i = 0; i < characters.length; i++) {
      const symbol = symbols[i] as number;
      if (symbol === GONE) continue;
      const isUnknown = symbol === UNKNOWN && !this.#addBytes(characters[i] as string, ids);
      if (symbol >= 0) ids.push(symbol);
      else if (isUnknown && !(isBehindUnknown && this.#options.fuseUnk)) {
        this.#addUnknown(characters[i] as string, ids);
      }
      isBehindUnknown = isUnknown;
    }
    return ids;
  }

  #characters(word: string): string[] {
    const { continuingSubwordPrefix: prefix, endOfWordSuffix: suffix } = this.#options;
    const characters = Array.from(word);
    if (prefix === '' && suffix === '') return characters;
    const last = characters.length - 1;
    return characters.map((character, i) => (i > 0 ? prefix : '') + character + (i === last ? suffix : ''));
  }

  /** The token's id at the place of its first character, and {@link GONE} at its others. */
  #merge(characters: readonly string[]): Int32Array {
    const symbols = Int32Array.from(characters, (character) => this.ids.get(character) ?? UNKNOWN);
    const n = symbols.length;
    const next = Int32Array.from(symbols, (_, i) => i + 1); // n behind the last
    const previous = Int32Array.from(symbols, (_, i) => i - 1);
    const rankAt = (i: number): number | undefined => {
      const j = next[i] as number;
      return j < n ? this.#ranks.get(symbols[i] as number, symbols[j] as number) : undefined;
    };
    const waiting = new NumberHeap(); // rank, then place
    const add = (i: number) => {
      const rank = rankAt(i);
      if (rank !== undefined) waiting.push(rank * RANK_UNIT + i);
    };
    for (let i = 0; i < n; i++) add(i);
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      const i = key % RANK_UNIT;
      const rank = (key - i) / RANK_UNIT;
      // What has changed since is another pair, or none.
      if (symbols[i] === GONE || rankAt(i) !== rank) continue;
      const j = next[i] as number;
      const after = next[j] as number;
      symbols[i] = this.#merged[rank] as number;
      symbols[j] = GONE;
      next[i] = after;
      if (after < n) previous[after] = i;
      if (i > 0) add(previous[i] as number);
      add(i);
    }
    return symbols;
  }

  /** Adds a token for each byte, where all are known. */
  #addBytes(character: string, ids: number[]): boolean {
    if (!this.#options.byteFallback) return false;
    const bytes = Array.from(this.#utf8.encode(character), (byte) =>
      this.ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
    );
    if (bytes.includes(undefined)) return false;
    for (const id of bytes) ids.push(id as number);
    return true;
  }

  /** Where no token for the unknown is named, it is left out. */
  #addUnknown(character: string, ids: number[]): void {
    const { unkId } = this.#options;
    if (unkId === null) throw noToken(character);
    if (unkId !== undefined) ids.push(unkId);
  }

  #triplesOf(merges: readonly (readonly [string, string])[]): Int32Array {
    const triples = new Int32Array(3 * merges.length);
    merges.forEach(([first, second], rank) => {
      const merged = first + second.slice(this.#options.continuingSubwordPrefix.length);
      triples.set([this.#idOf(first), this.#idOf(second), this.#idOf(merged)], 3 * rank);
    });
    return triples;
  }

  #idOf(token: string): number {
    const id = this.ids.get(token);
    if (id !== undefined) return id;
    throw damaged(`model.merges needs the token ${shown(token)}, which is not in the vocabulary`);
  }
}
