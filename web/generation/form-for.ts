import type { Form } from '../forms/constraint.js';
import type { ResolvedGenerateOptions } from '../options/generate-options.js';
import type { ModelInUse } from './model-in-use.js';
import type { RequestStart } from './request.js';
import { requireTokenizer } from './text-input.js';

/**
 * What an answer has to look like, or null where it may look as it will.
 *
 * @throws SottoError 'no-tokenizer', 'bad-option', 'unsupported-tokenizer'
 */
export async function formFor(
  { forms, tokenizer, info }: ModelInUse,
  { responseFormat, maxNewTokens }: ResolvedGenerateOptions,
  { chat }: Pick<RequestStart, 'chat'>,
): Promise<Form | null> {
  if (responseFormat === null) return null;
  if (forms === null) throw requireTokenizer(tokenizer, 'responseFormat');
  const endTokenIds = [...new Set([...(chat?.format.endTokenIds ?? []), ...info.eosTokenIds])];
  return forms.compile(responseFormat, { endTokenIds, maxNewTokens });
}
