import { NumberHeap } from './number-heap.js';
import { noToken, type TokenModel, type Vocabulary } from './token-model.js';
import { WordCache } from './word-cache.js';

/** What a vocabulary of tokens and scores says of byte-pair encoding, checked. Its `ids` are those that a text becomes. */
export interface ScoredBpeOptions extends Vocabulary {
  /** By id; none is NaN. */
  scores: ArrayLike<number>;
  /** The id of each byte's token, for what is in no token; null where there are none. */
  byteIds: readonly number[] | null;
  /** The id for what is unknown where there are no bytes; null for none. */
  unkId: number | null;
}

const GONE = -2; // a symbol that has become part of another
const UNKNOWN = -1;
const NO_TOKEN = -1;

/** A place in a word stays below it, a rank times it within what numbers hold exactly. */
const RANK_UNIT = 2 ** 31;
/** The same for ids, of which a pair is made. */
const PAIR_UNIT = 2 ** 26;

const KNOWN_PAIRS = 1_000_000;
/**
 * Byte-pair encoding as SentencePiece has it: there is no list of merges; of all neighbours whose texts together are a token,
 * those are merged whose token has the highest score, the leftmost first, until none are ("SentencePiece: A simple and language
 * independent subword tokenizer", 2018). Takes n log n for a word of n characters.
 */
export class ScoredBpeModel implements TokenModel {
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  readonly endOfWordSuffix = null;
  readonly #byteIds: readonly number[] | null;
  readonly #unkId: number | null;
  readonly #ranks: Int32Array; // by id; equal scores are one rank
  readonly #merged = new Map<number, number>(); // by pair of ids
  readonly #words = new WordCache((word) => this.#encode(word));
  readonly #utf8 = new TextEncoder();

  constructor({ tokens, ids, scores, byteIds, unkId }: ScoredBpeOptions) {
    this.tokens = tokens;
    this.ids = ids;
    this.#byteIds = byteIds;
    this.#unkId = unkId;
    this.#ranks = ranksOf(scores);
  }

  encodeWord(word: string, ids: number[]): void {
    this.#words.addTo(ids, word);
  }

  #encode(word: string): number[] {
    const begins = beginsOf(word);
    const symbols = this.#merge(word, begins);
    const ids: number[] = [];
    let isBehindUnknown = false;
    symbols.forEach((symbol, i) => {
      if (symbol === GONE) return;
      if (symbol >= 0) ids.push(symbol);
      else this.#addUnknown(word.slice(begins[i], begins[i + 1]), isBehindUnknown, ids);
      isBehindUnknown = symbol === UNKNOWN;
    });
    return ids;
  }

  /** The token's id at the place of its first character, and {@link GONE} at its others. */
  #merge(word: string, begins: Int32Array): Int32Array {
    const n = begins.length - 1;
    const symbols = new Int32Array(n);
    const next = new Int32Array(n); // n behind the last
    const previous = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      symbols[i] = this.ids.get(word.slice(begins[i], begins[i + 1])) ?? UNKNOWN;
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    const mergedAt = (i: number): number => {
      const j = next[i] as number;
      if (j >= n) return NO_TOKEN;
      const [first, second] = [symbols[i] as number, symbols[j] as number];
      const text = () => word.slice(begins[i], begins[next[j] as number]);
      return first < 0 || second < 0 ? this.#idOf(text()) : this.#mergedPair(first, second, text);
    };
    const waiting = new NumberHeap(); // rank, then place
    const add = (i: number) => {
      const merged = mergedAt(i);
      if (merged !== NO_TOKEN) waiting.push((this.#ranks[merged] as number) * RANK_UNIT + i);
    };
    for (let i = 0; i < n; i++) add(i);
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      const i = key % RANK_UNIT;
      if (symbols[i] === GONE) continue;
      const merged = mergedAt(i);
      // What has changed since is another pair, or none.
      if (merged === NO_TOKEN || this.#ranks[merged] !== (key - i) / RANK_UNIT) continue;
      const j = next[i] as number;
      const after = next[j] as number;
      symbols[i] = merged;
      symbols[j] = GONE;
      next[i] = after;
      if (after < n) previous[after] = i;
      if (i > 0) add(previous[i] as number);
      add(i);
    }
    return symbols;
  }

  #mergedPair(first: number, second: number, text: () => string): number {
    const pair = first * PAIR_UNIT + second;
    let merged = this.#merged.get(pair);
    if (merged === undefined) {
      merged = this.#idOf(text());
      if (this.#merged.size >= KNOWN_PAIRS) this.#merged.clear();
      this.#merged.set(pair, merged);
    }
    return merged;
  }

  #idOf(text: string): number {
    return this.ids.get(text) ?? NO_TOKEN;
  }

  /** Adds a character's bytes, or a token for all that is unknown in a row. */
  #addUnknown(character: string, isBehindUnknown: boolean, ids: number[]): void {
    if (this.#byteIds !== null) {
      for (const byte of this.#utf8.encode(character)) ids.push(this.#byteIds[byte] as number);
    } else if (this.#unkId === null) throw noToken(character);
    else if (!isBehindUnknown) ids.push(this.#unkId);
  }
}

/** Where each character of a word begins, and where the last one ends. */
function beginsOf(word: string): Int32Array {
  const begins = new Int32Array(word.length + 1);
  let n = 0;
  for (let at = 0; at < word.length; at += (word.codePointAt(at) as number) > 0xffff ? 2 : 1)
    begins[n++] = at;
  begins[n] = word.length;
  return begins.subarray(0, n + 1);
}

/** For each score, how many different ones are higher. */
function ranksOf(scores: ArrayLike<number>): Int32Array {
  const order = Int32Array.from(scores, (_, id) => id).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  );
  const ranks = new Int32Array(scores.length);
  let rank = 0;
  order.forEach((id, i) => {
    if (i > 0 && scores[id] !== scores[order[i - 1] as number]) rank++;
    ranks[id] = rank;
  });
  return ranks;
}
