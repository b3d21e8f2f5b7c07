import { SottoError } from '../results/errors.js';
import { type CodePointRange, normalizeRanges } from './code-points.js';

/** What is needed of a tokenizer to know its tokens' bytes. */
export interface TokenTexts {
  bytesWithin(id: number): Uint8Array | null;
  encode(text: string, options: { isContinuation: boolean; literal: true }): number[];
}

/**
 * All tokens of a model that have bytes, by these: those that begin alike stand beside each other, so that one walk over them
 * meets each beginning once.
 */
export interface Vocabulary {
  /** How many logits the model has. */
  readonly size: number;
  /** Of each token, in the order of their bytes. */
  readonly ids: Int32Array;
  /** Of each token where its bytes begin; one more for the end. */
  readonly begins: Int32Array;
  readonly bytes: Uint8Array;
  /** With how many bytes of the token before each one begins. */
  readonly shared: Uint16Array;
  /** The first token that begins with each byte; one more for the end. */
  readonly firsts: Int32Array;
  /** The most bytes that a token has. */
  readonly longest: number;
  /** The characters that texts can be spelt with; null for all. */
  readonly spellable: readonly CodePointRange[] | null;
}

/** Longer tokens, of which there are none, have no place in a form. */
const MOST_TOKEN_BYTES = 4096;

/**
 * The bytes of a model's tokens; those without text have none. Where not every byte is a token by itself, tokens that are no whole
 * characters have no place either: nothing might follow them.
 *
 * @param vocabSize How many logits the model has: tokens beyond the tokenizer's are padding.
 * @throws SottoError 'unsupported-tokenizer' where the bytes of single tokens cannot be told.
 */
export function readVocabulary(tokenizer: TokenTexts, vocabSize: number): Vocabulary {
  const tokens: Token[] = [];
  for (let id = 0; id < vocabSize; id++) {
    const bytes = tokenizer.bytesWithin(id);
    if (bytes === null) {
      const problem =
        'responseFormat: the decoder of tokenizer.json makes the text of several tokens together, so no form can be ' +
        'kept to token by token. Use a model whose tokenizer is byte-level or has byte fallback, or leave responseFormat out.';
      throw new SottoError('unsupported-tokenizer', problem);
    }
    if (bytes.length > 0 && bytes.length <= MOST_TOKEN_BYTES) tokens.push({ id, bytes });
  }
  const hasAll = hasAllBytes(tokens);
  const usable = hasAll ? tokens : tokens.filter(({ bytes }) => isWholeText(bytes));
  return pack(sortTokens(usable), vocabSize, hasAll ? null : charactersOf(usable));
}

interface Token {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** All bytes that UTF-8 has. */
function hasAllBytes(tokens: readonly Token[]): boolean {
  const single = new Set(tokens.filter(({ bytes }) => bytes.length === 1).map(({ bytes }) => bytes[0]));
  for (let byte = 0; byte <= 0xf4; byte++) {
    if (byte !== 0xc0 && byte !== 0xc1 && !single.has(byte)) return false;
  }
  return true;
}

function isWholeText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Those that are tokens by themselves. */
function charactersOf(tokens: readonly Token[]): CodePointRange[] {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  const ranges: CodePointRange[] = [];
  for (const { bytes } of tokens) {
    const [character, ...more] = bytes.length > 4 ? '..' : utf8.decode(bytes);
    if (character === undefined || more.length > 0) continue;
    const codePoint = character.codePointAt(0) as number;
    ranges.push([codePoint, codePoint]);
  }
  return normalizeRanges(ranges);
}

/** How many tokens a key of {@link sortTokens} tells apart; no model has more. */
const MOST_TOKENS = 2 ** 20;

/** By their bytes: by the first four as numbers, which are sorted in no time, and those that begin alike by all of them. */
function sortTokens(tokens: readonly Token[]): Token[] {
  const keys = Float64Array.from(tokens, ({ bytes }, i) => firstBytes(bytes) * MOST_TOKENS + i).sort();
  const sorted = Array.from(keys, (key) => tokens[key % MOST_TOKENS] as Token);
  for (let begin = 0, end = 1; end <= keys.length; end++) {
    const hasSameFirst =
      Math.floor((keys[end] ?? -1) / MOST_TOKENS) === Math.floor((keys[begin] as number) / MOST_TOKENS);
    if (hasSameFirst) continue;
    if (end - begin > 1) {
      const group = sorted.slice(begin, end).sort((a, b) => compareBytes(a.bytes, b.bytes));
      for (const [i, token] of group.entries()) sorted[begin + i] = token;
    }
    begin = end;
  }
  return sorted;
}

function firstBytes(bytes: Uint8Array): number {
  return (((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) * 256 + (bytes[2] ?? 0)) * 256 + (bytes[3] ?? 0);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function pack(
  tokens: readonly Token[],
  size: number,
  spellable: readonly CodePointRange[] | null,
): Vocabulary {
  const ids = new Int32Array(tokens.length);
  const begins = new Int32Array(tokens.length + 1);
  const shared = new Uint16Array(tokens.length);
  const firsts = new Int32Array(257);
  const nOfFirst = new Int32Array(256);
  const packed = new Uint8Array(tokens.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let longest = 0;
  for (const [i, { id, bytes }] of tokens.entries()) {
    ids[i] = id;
    packed.set(bytes, begins[i]);
    begins[i + 1] = (begins[i] as number) + bytes.length;
    if (i > 0) shared[i] = sharedBytes((tokens[i - 1] as Token).bytes, bytes);
    nOfFirst[bytes[0] as number] = (nOfFirst[bytes[0] as number] as number) + 1;
    longest = Math.max(longest, bytes.length);
  }
  for (let byte = 0; byte < 256; byte++) {
    firsts[byte + 1] = (firsts[byte] as number) + (nOfFirst[byte] as number);
  }
  return { size, ids, begins, bytes: packed, shared, firsts, longest, spellable };
}

function sharedBytes(a: Uint8Array, b: Uint8Array): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}
