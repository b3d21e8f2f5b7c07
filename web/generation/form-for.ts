import type { Form } from '../forms/constraint.js';
import type { ChatAnswers } from '../forms/tool-calls/chat-phases.js';
import type { ResolvedGenerateOptions } from '../options/generate-options.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { ChatPrompt } from './chats.js';
import type { ModelInUse } from './model-in-use.js';
import type { RequestStart } from './request.js';
import { requireTokenizer } from './text-input.js';

/**
 * What an answer has to look like, or null where it may look as it will.
 *
 * @throws SottoError 'no-tokenizer', 'bad-option', 'unsupported-tokenizer'
 */
export async function formFor(
  model: ModelInUse,
  { responseFormat, maxNewTokens }: ResolvedGenerateOptions,
  { chat }: Pick<RequestStart, 'chat'>,
): Promise<Form | null> {
  const { forms, tokenizer, info } = model;
  const isFree = responseFormat === null && (chat === undefined || chat.tools.length === 0);
  if (isFree) return null;
  if (forms === null || tokenizer === null) throw requireTokenizer(tokenizer, 'responseFormat');
  const endTokenIds = [...new Set([...(chat?.format.endTokenIds ?? []), ...info.eosTokenIds])];
  const form = responseFormat && (await forms.compile(responseFormat, { endTokenIds, maxNewTokens }));
  if (chat === undefined) return form;
  const answers = chatAnswers(model, tokenizer, chat, endTokenIds);
  const { answerForm } = await forms.ofCalls();
  return answerForm(answers, { tools: chat.tools, choice: chat.toolChoice, form });
}

function chatAnswers(
  { forms, info }: ModelInUse,
  tokenizer: Tokenizer,
  { format, text }: ChatPrompt,
  endTokenIds: readonly number[],
): ChatAnswers {
  return {
    answers: format.answers,
    template: format.source,
    markers: format.markers,
    prompt: text,
    vocabSize: info.vocabSize,
    endTokenIds,
    bytesOf: (id) => tokenizer.bytesWithin(id),
    tokenOf: (written) => {
      const [only, ...others] = tokenizer.encode(written, { isContinuation: true, literal: true });
      return only !== undefined && others.length === 0 ? only : null;
    },
    compile: async (grammar) => {
      if (forms === null) throw requireTokenizer(null, 'tools');
      const options = { endTokenIds: endTokenIds.slice(0, 1), name: 'tools' };
      return forms.compileGrammar(JSON.stringify([...grammar.rules]), () => grammar, options);
    },
  };
}
