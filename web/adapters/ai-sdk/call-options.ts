import type { ChatOptions } from '../../options/chat-options.js';
import { FILTERS } from '../../options/sampler-options.js';
import type { Tool } from '../../options/tool-options.js';
import { SottoError } from '../../results/errors.js';
import { chatMessages } from './messages.js';
import type { CallOptions, SdkTool, Warning } from './spec.js';

/** The name under which the SDK keeps what is meant for us: of `providerOptions`, and of the metadata of an answer. */
export const PROVIDER = 'sotto';

/** Options that the SDK speaks for itself, or that make of one answer several. */
const TAKEN = ['tools', 'toolChoice', 'signal', 'numReturnSequences'] as const;

/** Options of a chat that the SDK has no name for: those of `model.chat`, and one of this adapter. */
export interface SottoProviderOptions extends Omit<ChatOptions, (typeof TAKEN)[number]> {
  /** False passes over what of a schema cannot be enforced; else such a schema is refused, by the name of the part. Default: true. */
  strictSchema?: boolean;
}

/** What `model.chat` is asked. */
export interface ChatCall {
  messages: ReturnType<typeof chatMessages>;
  options: ChatOptions;
  warnings: Warning[];
}

/**
 * A call of the SDK as one of ours. Of one option, a call's own setting wins over `settings`; what they mean, `model.chat` checks.
 *
 * @throws SottoError 'bad-option', also UnsupportedPartError
 */
export function chatCall(call: CallOptions, settings: SottoProviderOptions): ChatCall {
  const warnings: Warning[] = [];
  const messages = chatMessages(call.prompt, warnings);
  const own = call.providerOptions?.[PROVIDER] ?? {};
  for (const name of TAKEN) refuse(own, name, 'providerOptions.sotto');
  const held = call.temperature === 0 ? withoutFilters(settings) : settings;
  const { strictSchema = true, ...ours }: SottoProviderOptions = { ...held, ...own };
  const standard: ChatOptions = {
    ...settingsOf(call, warnings),
    ...formOf(call, strictSchema, warnings),
    ...toolsOf(call, warnings),
    ...(call.abortSignal && { signal: call.abortSignal }),
  };
  const twice = Object.keys(standard).find((name) => own[name] !== undefined);
  if (twice !== undefined) {
    const problem = `providerOptions.sotto.${twice} is given, and the call's own setting for the same: give one of them`;
    throw new SottoError('bad-option', problem);
  }
  const options = { ...ours, ...standard };
  const thinking = thinkingOf(call, options, warnings);
  return { messages, options: { ...options, ...thinking }, warnings };
}

/** @throws SottoError 'bad-option' where a setting is one that the SDK speaks for */
export function refuseTaken(settings: Readonly<Record<string, unknown>>): void {
  for (const name of TAKEN) refuse(settings, name, 'settings');
}

function refuse(given: Readonly<Record<string, unknown>>, name: string, place: string): void {
  if (given[name] === undefined) return;
  const advice =
    name === 'numReturnSequences'
      ? 'an answer of the AI SDK is one: ask several times'
      : `give ${name === 'signal' ? 'abortSignal' : name} to the SDK's own function`;
  throw new SottoError('bad-option', `${place}.${name} cannot be given: ${advice}`);
}

/** A call that asks for the likeliest tokens wins over settings that say how to draw some. */
function withoutFilters(settings: SottoProviderOptions): SottoProviderOptions {
  const names: readonly string[] = FILTERS;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}

/** What has another name here, or the same. */
function settingsOf(call: CallOptions, warnings: Warning[]): ChatOptions {
  const { maxOutputTokens, stopSequences, temperature, seed } = call;
  const { presencePenalty, frequencyPenalty } = call;
  let { topP, topK } = call;
  // Other providers take both, so what is written for them says both.
  if (temperature === 0 && (topP ?? topK) !== undefined) {
    const details = 'It was left out: temperature 0 always takes the most likely token.';
    if (topP !== undefined) warnings.push({ type: 'unsupported', feature: 'topP', details });
    if (topK !== undefined) warnings.push({ type: 'unsupported', feature: 'topK', details });
    topP = undefined;
    topK = undefined;
  }
  return defined({
    maxNewTokens: maxOutputTokens,
    stop: stopSequences,
    temperature,
    topP,
    topK,
    seed,
    presencePenalty,
    frequencyPenalty,
  });
}

function defined<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

function formOf({ responseFormat }: CallOptions, strict: boolean, warnings: Warning[]): ChatOptions {
  if (responseFormat?.type !== 'json') return {};
  const { schema, name, description } = responseFormat;
  if (name !== undefined || description !== undefined) {
    warnings.push({
      type: 'unsupported',
      feature: 'name and description of the output',
      details: 'The form is kept in any case; what it means, say in the prompt.',
    });
  }
  return {
    responseFormat: schema === undefined ? { type: 'json' } : { type: 'json-schema', schema, strict },
  };
}

function toolsOf({ tools = [], toolChoice }: CallOptions, warnings: Warning[]): ChatOptions {
  const described = tools.flatMap((tool) => describedTool(tool, warnings));
  if (described.length === 0) return {};
  const choice = toolChoice?.type === 'tool' ? { name: toolChoice.toolName } : toolChoice?.type;
  return { tools: described, ...(choice !== undefined && { toolChoice: choice }) };
}

function describedTool(tool: SdkTool, warnings: Warning[]): Tool[] {
  if (tool.type !== 'function') {
    const details = 'Only its own provider can run it: the model does not know of it.';
    warnings.push({ type: 'unsupported', feature: `provider-defined tool ${tool.id}`, details });
    return [];
  }
  const { name, description, inputSchema, inputExamples = [] } = tool;
  if (inputExamples.length > 0) {
    const details =
      'The model does not see them; addToolInputExamplesMiddleware of ai puts them into the description.';
    warnings.push({ type: 'unsupported', feature: `input examples of the tool ${name}`, details });
  }
  return [{ name, ...(description !== undefined && { description }), parameters: inputSchema }];
}

/** How much to think: most templates can only be told whether. */
function thinkingOf({ reasoning }: CallOptions, options: ChatOptions, warnings: Warning[]): ChatOptions {
  if (reasoning === undefined || reasoning === 'provider-default') return {};
  const details =
    'It becomes the template option enable_thinking, true or false, which not every model has; others are given in ' +
    'providerOptions.sotto.templateOptions.';
  warnings.push({ type: 'compatibility', feature: 'reasoning', details });
  return { templateOptions: { enable_thinking: reasoning !== 'none', ...options.templateOptions } };
}
