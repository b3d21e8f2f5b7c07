import { SottoError } from '../results/errors.js';
import type { Constraint } from './constraint.js';
import type { CompiledGrammar, Matcher } from './grammar-engine.js';
import type { TokenTexts } from './vocabulary.js';

/** What a grammar has to do with tokens. */
export interface GrammarUse {
  readonly compiled: CompiledGrammar;
  /** Those that may end the text; the first one is taken where nothing else may come. */
  readonly endTokenIds: readonly number[];
  readonly vocabSize: number;
  readonly tokenizer: TokenTexts;
}

const NONE: readonly number[] = [];

/** The tokens that a grammar lets through. */
export class GrammarConstraint implements Constraint {
  readonly #use: GrammarUse;
  readonly #matcher: Matcher;
  /** What was forced before each accepted token, as {@link forced} has it; the last one is for now, once it is known. */
  #forced: (readonly number[] | null)[] = [null];

  /** That of now, once it is known. */
  #mask: Uint32Array | null = null;

  constructor(use: GrammarUse, matcher = use.compiled.match(use.endTokenIds)) {
    this.#use = use;
    this.#matcher = matcher;
  }

  async mask(): Promise<Uint32Array> {
    const [next] = this.forced();
    if (next !== undefined) return this.#only(next);
    this.#mask ??= this.#matcher.mask();
    return this.#mask;
  }

  forced(): readonly number[] {
    const known = this.#forced.at(-1);
    if (known !== null && known !== undefined) return known;
    const forced = this.#matcher.isOver ? NONE : this.#findForced();
    this.#forced[this.#forced.length - 1] = forced;
    return forced;
  }

  accept(tokenId: number): boolean {
    const forced = this.forced();
    if (forced.length > 0 && forced[0] !== tokenId) return false;
    if (this.#matcher.isOver || tokenId < 0 || tokenId >= this.#use.vocabSize) return false;
    if (!this.#matcher.accept(tokenId)) return false;
    this.#forced.push(forced.length > 1 ? forced.slice(1) : null);
    this.#mask = null;
    return true;
  }

  rollback(nTokens: number): void {
    const nAccepted = this.#forced.length - 1;
    if (nTokens > nAccepted) throw new RangeError(`only ${nAccepted} tokens came`);
    this.#matcher.rollback(nTokens);
    this.#forced.length -= nTokens;
    this.#mask = null;
  }

  async fork(): Promise<GrammarConstraint> {
    const fork = new GrammarConstraint(this.#use, this.#matcher.fork());
    fork.#forced = [...this.#forced];
    return fork;
  }

  dispose(): void {
    // Nothing of it lies outside of JavaScript's own memory.
  }

  /**
   * The tokens that the tokenizer makes of the text that must come, but for the last one: it may grow together with what follows.
   * Where one token alone fits, that one.
   */
  #findForced(): readonly number[] {
    const bytes = this.#matcher.nextBytes();
    if (bytes.length > 0) {
      const ids = this.#encode(bytes);
      const sure = ids === null ? NONE : this.#surePart(ids);
      if (sure.length > 0) return sure;
    }
    this.#mask = this.#matcher.mask();
    const only = onlyOf(this.#mask, this.#use.endTokenIds);
    return only === null ? NONE : [only];
  }

  /** Those of the ids that nothing behind them can change, as the grammar takes them. */
  #surePart(ids: readonly number[]): readonly number[] {
    const { endTokenIds } = this.#use;
    let nTaken = 0;
    while (nTaken < ids.length && this.#matcher.accept(ids[nTaken] as number)) nTaken++;
    // Behind all of them perhaps nothing can come but the end.
    const isWhole = nTaken === ids.length && isEnd(onlyOf(this.#matcher.mask(), endTokenIds), endTokenIds);
    this.#matcher.rollback(nTaken);
    return isWhole ? ids : ids.slice(0, Math.min(nTaken, ids.length - 1));
  }

  /** The tokens of bytes, or null where they are no whole text, or the tokenizer changes it. */
  #encode(bytes: Uint8Array): readonly number[] | null {
    const text = wholeText(bytes);
    if (text === '') return null;
    const { tokenizer } = this.#use;
    const ids = encodeOrNull(tokenizer, text);
    if (ids === null) return null;
    let at = 0;
    for (const id of ids) {
      for (const byte of tokenizer.bytesWithin(id) ?? []) if (bytes[at++] !== byte) return null;
    }
    return at === new TextEncoder().encode(text).length ? ids : null;
  }

  #only(tokenId: number): Uint32Array {
    const mask = new Uint32Array(Math.ceil(this.#use.vocabSize / 32));
    mask[tokenId >> 5] = 1 << (tokenId & 31);
    return mask;
  }
}

/** Null where the tokenizer has no tokens for a part of the text: the mask then leads there by others. */
function encodeOrNull(tokenizer: TokenTexts, text: string): number[] | null {
  try {
    return tokenizer.encode(text, { isContinuation: true, literal: true });
  } catch (error) {
    if (error instanceof SottoError) return null;
    throw error;
  }
}

/** The text of bytes that begin with a whole character, without the half of one at the end. */
function wholeText(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
  return text.startsWith('\uFFFD') ? '' : text;
}

/** The only token of a mask; of nothing but end tokens the one that is preferred; null where there is a choice. */
function onlyOf(mask: Uint32Array, endTokenIds: readonly number[]): number | null {
  let only: number | null = null;
  for (let i = 0; i < mask.length; i++) {
    for (let bits = mask[i] as number; bits !== 0; bits &= bits - 1) {
      const id = 32 * i + (31 - Math.clz32(bits & -bits));
      if (only !== null && !(endTokenIds.includes(only) && endTokenIds.includes(id))) return null;
      only ??= id;
    }
  }
  return isEnd(only, endTokenIds) ? (endTokenIds[0] as number) : only;
}

function isEnd(id: number | null, endTokenIds: readonly number[]): boolean {
  return id !== null && endTokenIds.includes(id);
}
