import { STEPS_TO_TOUCH, type StepBudget } from './step-budget.js';
import { noToken, type TokenModel } from './token-model.js';
import { TokenTrie } from './token-trie.js';

/** By how much an unknown character is worse than the worst token: a constant of SentencePiece. */
const UNKNOWN_PENALTY = 10;

/**
 * Of all ways to write a word as tokens, the one whose tokens' scores have the greatest sum ("Subword Regularization",
 * 2018), found by Viterbi's algorithm. A token's id is its place in the list.
 */
export class UnigramModel implements TokenModel {
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  readonly endOfWordSuffix = null;
  readonly #scores: Float64Array;
  readonly #unkId: number | null;
  readonly #unkScore: number;
  readonly #trie = new TokenTrie();

  /**
   * @param vocab Tokens with their scores, the logarithms of their probabilities.
   * @param unkId The id for what is unknown, or null.
   */
  constructor(vocab: readonly (readonly [string, number])[], unkId: number | null) {
    this.tokens = vocab.map(([token]) => token);
    this.ids = new Map(vocab.map(([token], id) => [token, id]));
    this.#scores = Float64Array.from(vocab, ([, score]) => score);
    this.#unkId = unkId;
    this.#unkScore =
      this.#scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;
    if (unkId !== null) this.#scores[unkId] = this.#unkScore;
    vocab.forEach(([token], id) => {
      this.#trie.add(token, id);
    });
  }

  encodeWord(word: string, ids: number[], budget: StepBudget): void {
    const { tokenAt, begins } = this.#bestPath(word, budget);
    const backwards: number[] = [];
    let wasUnknown = false;
    for (let end = word.length; end > 0; end = begins[end] as number) {
      const id = tokenAt[end] as number;
      // Neighbours that are unknown are one token.
      if (id >= 0 || !wasUnknown) backwards.push(id >= 0 ? id : this.#unknown(word));
      wasUnknown = id < 0;
    }
    for (let i = backwards.length - 1; i >= 0; i--) ids.push(backwards[i] as number);
  }

  /** For each place, the last token of the best way there (-1 for the unknown), and where that begins. */
  #bestPath(word: string, budget: StepBudget): { tokenAt: Int32Array; begins: Int32Array } {
    const best = new Float64Array(word.length + 1).fill(-Infinity);
    const tokenAt = new Int32Array(word.length + 1);
    const begins = new Int32Array(word.length + 1);
    best[0] = 0;
    const offer = (begin: number, end: number, id: number, score: number) => {
      const sum = (best[begin] as number) + score;
      if (sum <= (best[end] as number)) return;
      best[end] = sum;
      tokenAt[end] = id;
      begins[end] = begin;
    };
    for (let begin = 0; begin < word.length; ) {
      const next = begin + ((word.codePointAt(begin) as number) > 0xffff ? 2 : 1);
      let hasSingle = false;
      let node = 0;
      let end = begin;
      while (end < word.length) {
        node = this.#trie.step(node, word.charCodeAt(end++));
        if (node < 0) break;
        const id = this.#trie.valueAt(node);
        if (id < 0) continue;
        const isUnknown = id === this.#unkId;
        offer(begin, end, isUnknown ? -1 : id, this.#scores[id] as number);
        if (end === next) hasSingle = true;
      }
      budget.spend(STEPS_TO_TOUCH * (end - begin));
      if (!hasSingle) offer(begin, next, -1, this.#unkScore);
      begin = next;
    }
    return { tokenAt, begins };
  }

  #unknown(word: string): number {
    if (this.#unkId === null) throw noToken(word);
    return this.#unkId;
  }
}
