import { STEPS_TO_TOUCH, type StepBudget } from './step-budget.js';
import { noToken, type TokenModel, type Vocabulary } from './token-model.js';
import { TokenTrie } from './token-trie.js';

/** What a tokenizer.json says of WordPiece, checked. */
export interface WordPieceOptions extends Vocabulary {
  /** The id for a word that cannot be written, or null when there is none. */
  unkId: number | null;
  /** What tokens within a word begin with. */
  continuingSubwordPrefix: string;
  /** A longer word is unknown. */
  maxInputCharsPerWord: number;
}

/** The longest token that a word begins with, then the longest that its rest begins with, and so on, as in BERT. */
export class WordPieceModel implements TokenModel {
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  readonly endOfWordSuffix = null;
  readonly #options: WordPieceOptions;
  readonly #beginnings = new TokenTrie();
  readonly #continuations = new TokenTrie();

  constructor(options: WordPieceOptions) {
    const { ids, tokens, continuingSubwordPrefix: prefix } = options;
    this.#options = options;
    this.ids = ids;
    this.tokens = tokens;
    for (const [token, id] of ids) {
      this.#beginnings.add(token, id);
      if (token.startsWith(prefix)) this.#continuations.add(token.slice(prefix.length), id);
    }
  }

  encodeWord(word: string, ids: number[], budget: StepBudget): void {
    const wordIds = this.#isTooLong(word) ? null : this.#pieces(word, budget);
    if (wordIds !== null) {
      for (const id of wordIds) ids.push(id);
    } else if (this.#options.unkId === null) throw noToken(word);
    else ids.push(this.#options.unkId);
  }

  #isTooLong(word: string): boolean {
    const { maxInputCharsPerWord: most } = this.#options;
    return word.length > most && Array.from(word).length > most;
  }

  #pieces(word: string, budget: StepBudget): number[] | null {
    const ids: number[] = [];
    for (let begin = 0; begin < word.length; ) {
      const trie = begin === 0 ? this.#beginnings : this.#continuations;
      let longest = begin;
      let id = -1;
      let node = 0;
      let end = begin;
      while (end < word.length) {
        node = trie.step(node, word.charCodeAt(end++));
        if (node < 0) break;
        if (trie.valueAt(node) < 0) continue;
        longest = end;
        id = trie.valueAt(node);
      }
      budget.spend(STEPS_TO_TOUCH * (end - begin));
      if (longest === begin) return null;
      ids.push(id);
      begin = longest;
    }
    return ids;
  }
}
