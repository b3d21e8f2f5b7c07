import { quoted } from '../base/quoted.js';
import { SottoError } from '../results/errors.js';
import type { TokenizerFiles } from './package.js';

/**
 * Compares a tokenizer with the model's vocabulary. Embeddings may have more rows than there are tokens; and special tokens
 * that were added later may have none, which matters only where a text uses them.
 *
 * @param files Of a tokenizer that was made of them without an error.
 * @param notices Gets a sentence about added tokens beyond.
 * @throws SottoError 'bad-file' when the learnt tokens are those of another model.
 */
export function checkTokenizerFits({ json }: TokenizerFiles, vocabSize: number, notices: string[]): void {
  const { model, added_tokens: added } = json as {
    model: { vocab: Record<string, number> | readonly unknown[] };
    added_tokens?: readonly { id: number; content: string }[];
  };
  const addedAt = new Map((added ?? []).map(({ id, content }) => [id, content]));
  const { vocab } = model;
  let largest = -1;
  const isList = Array.isArray(vocab);
  for (const key of Object.keys(vocab)) {
    const id = isList ? Number(key) : ((vocab as Record<string, number>)[key] as number);
    const isAdded = isList ? addedAt.has(id) : addedAt.get(id) === key;
    if (id > largest && !isAdded) largest = id;
  }
  if (largest >= vocabSize) {
    throw new SottoError(
      'bad-file',
      `tokenizer.json and config.json do not belong together: the tokenizer has the token ${largest}, and the model's ` +
        `vocab_size is ${vocabSize}. Take both from the same model.`,
    );
  }
  const beyond = (added ?? []).filter(({ id }) => id >= vocabSize);
  if (beyond.length === 0) return;
  const [first] = beyond;
  notices.push(
    `tokenizer.json adds ${beyond.length} tokens beyond the vocabulary of ${vocabSize}, such as ` +
      `${quoted(first?.content ?? '', 40)} (${first?.id}): texts with them cannot be read`,
  );
}
