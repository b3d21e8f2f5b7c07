import type { Form } from '../forms/constraint.js';
import type { ChatAnswers } from '../forms/tool-calls/chat-phases.js';
import type { ResolvedGenerateOptions } from '../options/generate-options.js';
import { SottoError } from '../results/errors.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { ChatPrompt } from './chats.js';
import type { LazyForms } from './lazy-forms.js';
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
  const isFree = responseFormat === null && (chat === undefined || chat.tools.length === 0);
  if (isFree) return null;
  if (forms === null) {
    throw new SottoError(
      'no-tokenizer',
      "responseFormat needs the model's tokenizer, which it came without: load it with its tokenizer.json",
    );
  }
  const endTokenIds = [...new Set([...(chat?.format.endTokenIds ?? []), ...info.eosTokenIds])];
  const form = responseFormat && (await forms.compile(responseFormat, { endTokenIds, maxNewTokens }));
  if (chat === undefined) return form;
  const answers = chatAnswers(forms, requireTokenizer(tokenizer, 'chat'), chat, endTokenIds, info.vocabSize);
  const { answerForm } = await forms.ofCalls();
  return answerForm(answers, { tools: chat.tools, choice: chat.toolChoice, form });
}

function chatAnswers(
  forms: LazyForms,
  tokenizer: Tokenizer,
  { format, text }: ChatPrompt,
  endTokenIds: readonly number[],
  vocabSize: number,
): ChatAnswers {
  return {
    answers: format.answers,
    template: format.source,
    markers: format.markers,
    prompt: text,
    vocabSize,
    endTokenIds,
    bytesOf: (id) => tokenizer.bytesWithin(id),
    tokenOf: (written) => {
      const [only, ...others] = tokenizer.encode(written, { isContinuation: true, literal: true });
      return only !== undefined && others.length === 0 ? only : null;
    },
    compile: async (grammar) => {
      const options = { endTokenIds: endTokenIds.slice(0, 1), name: 'tools' };
      return forms.compileGrammar(JSON.stringify([...grammar.rules]), () => grammar, options);
    },
  };
}
