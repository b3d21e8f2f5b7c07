import type { Prompt } from '../options/token-ids.js';
import { SottoError } from '../results/errors.js';
import type { EncodeOptions, Tokenizer } from '../text/tokenizer.js';
import type { Chats } from './chats.js';
import type { ModelInUse } from './model-in-use.js';

/** @throws SottoError 'no-tokenizer' */
export function requireTokenizer(tokenizer: Tokenizer | null, what: string): Tokenizer {
  if (tokenizer !== null) return tokenizer;
  const advice = 'give token ids, or load the model with its tokenizer.json';
  throw new SottoError('no-tokenizer', `${what} is text, and this model came without a tokenizer: ${advice}`);
}

/** @throws SottoError 'no-tokenizer' */
export function requireChats({ tokenizer, chats }: ModelInUse): Chats {
  requireTokenizer(tokenizer, 'a chat');
  return chats as Chats;
}

/** How a prompt becomes ids. */
interface TextUse extends EncodeOptions {
  /** Whether special tokens are found in its text. */
  specialTokens: boolean;
  signal: AbortSignal;
}

/**
 * The token ids of a prompt. Events are let through while a long text is encoded.
 *
 * @throws SottoError 'no-tokenizer', 'empty-prompt', 'unsupported-tokenizer'; the reason of the signal
 */
export async function toIds(
  tokenizer: Tokenizer | null,
  input: Prompt,
  { specialTokens, ...options }: TextUse,
): Promise<Int32Array> {
  const ids =
    typeof input === 'string'
      ? Int32Array.from(
          await requireTokenizer(tokenizer, 'the prompt').encodeAsync(input, {
            ...options,
            ...(!specialTokens && { literal: true }),
          }),
        )
      : input;
  if (ids.length > 0) return ids;
  throw new SottoError('empty-prompt', 'the prompt holds no token: give it some text to continue from');
}
