import { isObject } from '../base/json.js';
import { SottoError } from '../results/errors.js';
import { resolveHfTokenizer } from '../text/hf/hf-tokenizer.js';
import type { TokenizerFiles } from './package.js';
import type { PackageFiles } from './package-files.js';

/** How its files are read. */
export const TOKENIZER = { phase: 'tokenizer', maxBytes: 64 << 20 } as const; // the largest known ones have 35 MB

/** What only other programs can read. */
const BINARY_FILES = ['tokenizer.model'];

/**
 * Reads what a folder says of its tokenizer, and asks for no more files than that takes: vocab.json where there is no
 * tokenizer.json, the files of older versions where tokenizer_config.json does not list its tokens.
 *
 * @param tokenizerConfig The content of tokenizer_config.json, which is on its way.
 * @param modelConfig The content of config.json.
 * @returns Null for a model without a tokenizer.
 * @throws SottoError 'bad-file'; 'unsupported-tokenizer' where there is only a form that is not read; 'network'.
 */
export async function readHfTokenizer(
  files: PackageFiles,
  tokenizerConfig: Promise<unknown>,
  modelConfig: unknown,
): Promise<TokenizerFiles | null> {
  const [json, config] = await Promise.all([
    files.readOptionalJson('tokenizer.json', TOKENIZER),
    tokenizerConfig,
  ]);
  const vocab = json === undefined ? await files.readOptionalJson('vocab.json', TOKENIZER) : undefined;
  if (json === undefined && vocab === undefined) {
    await refuseBinary(files);
    return null;
  }
  const older = (name: string) => (listsTokens(config) ? undefined : files.readOptionalJson(name, TOKENIZER));
  const [merges, specialTokensMap, addedTokens] = await Promise.all([
    vocab === undefined ? undefined : files.readOptionalText('merges.txt', TOKENIZER),
    older('special_tokens_map.json'),
    older('added_tokens.json'),
  ]);
  const parts = { json, config, specialTokensMap, addedTokens, vocab, merges, modelConfig };
  return resolveHfTokenizer(parts);
}

/** Whether a tokenizer_config.json has what older versions keep in files of their own. */
function listsTokens(config: unknown): boolean {
  return isObject(config) && isObject(config.added_tokens_decoder);
}

/**
 * Measures the files that `readHfTokenizer` reads, and reads none but tokenizer_config.json.
 *
 * @returns Whether there is a tokenizer, and the content of that file.
 */
export async function measureHfTokenizer(
  files: PackageFiles,
): Promise<{ isThere: boolean; config: unknown }> {
  const [isWhole, config] = await Promise.all([
    files.measure('tokenizer.json', 'tokenizer'),
    files.readOptionalJson('tokenizer_config.json', TOKENIZER),
  ]);
  const hasVocab = !isWhole && (await files.measure('vocab.json', 'tokenizer'));
  if (!isWhole && !hasVocab) return { isThere: false, config };
  const others = [
    ...(hasVocab ? ['merges.txt'] : []),
    ...(listsTokens(config) ? [] : ['special_tokens_map.json', 'added_tokens.json']),
  ];
  await Promise.all(others.map((name) => files.measure(name, 'tokenizer')));
  return { isThere: true, config };
}

/** A folder with a tokenizer that cannot be read is not one without a tokenizer. */
async function refuseBinary(files: PackageFiles): Promise<void> {
  for (const name of BINARY_FILES) {
    if (!(await files.exists(name, 'tokenizer'))) continue;
    throw new SottoError(
      'unsupported-tokenizer',
      `the tokenizer is ${name} alone, in SentencePiece's form, which is not read here. In Python, ` +
        'AutoTokenizer.from_pretrained(folder).save_pretrained(folder) writes the tokenizer.json that is. Without ' +
        `${name} in the folder, prompts and results are token ids.`,
    );
  }
}
