import { SottoError } from '../results/errors.js';
import { encodeBytes } from './byte-code.js';

/** What is needed of a tokenizer to know its tokens' bytes. */
export interface TokenTexts {
  bytesWithin(id: number): Uint8Array | null;
  encode(text: string, options: { isContinuation: boolean; literal: true }): number[];
}

/** All tokens of a model, for a grammar engine. */
export interface Vocabulary {
  /** By id: the code of its bytes; empty for what never stands in a form. As many as the model has logits. */
  readonly codes: readonly string[];
  /** One without text, for what needs some end token. */
  readonly endTokenId: number;
  /** The most bytes that a token has. */
  readonly longestToken: number;
  /** Whether each byte is a token by itself, so that every text can be spelt. */
  readonly bytesOfTokens: ReadonlySet<number>;
}

/**
 * The bytes of a model's tokens.
 *
 * @param vocabSize How many logits the model has: tokens beyond the tokenizer's are padding.
 * @throws SottoError 'unsupported-tokenizer' where the bytes of single tokens cannot be told.
 */
export function readVocabulary(
  tokenizer: TokenTexts,
  vocabSize: number,
  endTokenIds: readonly number[],
): Vocabulary {
  const [endTokenId] = endTokenIds;
  if (endTokenId === undefined) {
    const problem =
      'responseFormat: the model has no end token, which the end of an answer is known by. Name one in its ' +
      'generation_config.json (eos_token_id).';
    throw new SottoError('unsupported-tokenizer', problem);
  }
  const ends = new Set(endTokenIds);
  const bytesOfTokens = new Set<number>();
  let longestToken = 1;
  const codes = Array.from({ length: vocabSize }, (_, id) => {
    const bytes = tokenizer.bytesWithin(id);
    if (bytes === null) {
      const problem =
        'responseFormat: the decoder of tokenizer.json makes the text of several tokens together, so no form can be ' +
        'kept to token by token. Use a model whose tokenizer is byte-level or has byte fallback, or leave responseFormat out.';
      throw new SottoError('unsupported-tokenizer', problem);
    }
    if (ends.has(id)) return '';
    longestToken = Math.max(longestToken, bytes.length);
    for (const byte of bytes) bytesOfTokens.add(byte);
    return encodeBytes(bytes);
  });
  return { codes, endTokenId, longestToken, bytesOfTokens };
}
