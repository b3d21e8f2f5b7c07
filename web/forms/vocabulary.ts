import { SottoError } from '../results/errors.js';

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
}

/** Longer tokens, of which there are none, have no place in a form. */
const MOST_TOKEN_BYTES = 4096;

/**
 * The bytes of a model's tokens. Tokens without text, and those that end answers, have none.
 *
 * @param vocabSize How many logits the model has: tokens beyond the tokenizer's are padding.
 * @throws SottoError 'unsupported-tokenizer' where the bytes of single tokens cannot be told.
 */
export function readVocabulary(
  tokenizer: TokenTexts,
  vocabSize: number,
  endTokenIds: readonly number[],
): Vocabulary {
  const tokens: { id: number; bytes: Uint8Array }[] = [];
  for (let id = 0; id < vocabSize; id++) {
    const bytes = tokenizer.bytesWithin(id);
    if (bytes === null) {
      const problem =
        'responseFormat: the decoder of tokenizer.json makes the text of several tokens together, so no form can be ' +
        'kept to token by token. Use a model whose tokenizer is byte-level or has byte fallback, or leave responseFormat out.';
      throw new SottoError('unsupported-tokenizer', problem);
    }
    const hasPlace = bytes.length > 0 && bytes.length <= MOST_TOKEN_BYTES;
    if (hasPlace && !endTokenIds.includes(id)) tokens.push({ id, bytes });
  }
  tokens.sort((a, b) => compareBytes(a.bytes, b.bytes));
  return pack(tokens, vocabSize);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function pack(tokens: readonly { id: number; bytes: Uint8Array }[], size: number): Vocabulary {
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
    if (i > 0) shared[i] = sharedBytes((tokens[i - 1] as { bytes: Uint8Array }).bytes, bytes);
    nOfFirst[bytes[0] as number] = (nOfFirst[bytes[0] as number] as number) + 1;
    longest = Math.max(longest, bytes.length);
  }
  for (let byte = 0; byte < 256; byte++) {
    firsts[byte + 1] = (firsts[byte] as number) + (nOfFirst[byte] as number);
  }
  return { size, ids, begins, bytes: packed, shared, firsts, longest };
}

function sharedBytes(a: Uint8Array, b: Uint8Array): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}
