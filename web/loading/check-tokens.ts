import type { GenerationDefaults } from '../options/model-info.js';
import { SottoError } from '../results/errors.js';
import type { GenerationConfig } from './generation-config.js';
import type { TokenizerFiles } from './package.js';

/**
 * Leaves out the tokens that a model's vocabulary does not have: none of them can ever be chosen, so that nothing else comes
 * of it. Fine-tunes with a vocabulary of their own keep GPT-2's 50256, and run.
 *
 * @param notices Gets a sentence for each of them.
 */
export function withinVocabulary<Config extends GenerationConfig>(
  config: Config,
  vocabSize: number,
  notices: string[],
): Config {
  const within = (id: number) => id < vocabSize;
  const tell = (what: string, ids: readonly number[], so: string) => {
    const beyond = ids.filter((id) => !within(id));
    if (beyond.length === 0) return;
    const shown = beyond.slice(0, 4).join(', ') + (beyond.length > 4 ? ', …' : '');
    notices.push(`${what} has ${shown}, beyond the vocabulary of ${vocabSize} tokens: ${so}`);
  };
  const { bosTokenId, eosTokenIds, defaults } = config;
  tell('bos_token_id', bosTokenId === null ? [] : [bosTokenId], 'there is no such token to begin with');
  const never = 'it can never be chosen';
  tell('eos_token_id', eosTokenIds, `${never}, and ends no text`);
  tell('suppress_tokens', defaults.suppressTokens, never);
  tell('bad_words_ids', defaults.badWords.flat(), never);
  tell(
    'sequence_bias',
    biasesOf(defaults).map(([id]) => id),
    never,
  );
  return {
    ...config,
    bosTokenId: bosTokenId !== null && within(bosTokenId) ? bosTokenId : null,
    eosTokenIds: eosTokenIds.filter(within),
    defaults: {
      ...defaults,
      suppressTokens: defaults.suppressTokens.filter(within),
      badWords: defaults.badWords.filter((ids) => ids.every(within)),
      logitBias: Object.fromEntries(biasesOf(defaults).filter(([id]) => within(id))),
    },
  };
}

function biasesOf({ logitBias }: GenerationDefaults): [number, number][] {
  if (logitBias instanceof Map) return [...logitBias];
  return Object.entries(logitBias).map(([id, bias]) => [Number(id), bias]);
}

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
  const ids = new Set((added ?? []).map(({ id }) => id));
  const { vocab } = model;
  let largest = -1;
  const learnt: Iterable<number> = Array.isArray(vocab)
    ? vocab.keys()
    : Object.values<number>(vocab as Record<string, number>);
  for (const id of learnt) {
    if (id > largest && !ids.has(id)) largest = id;
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
      `${JSON.stringify(first?.content.slice(0, 40))} (${first?.id}): texts with them cannot be read`,
  );
}
