import { syntaxOf, type ToolCallSyntax } from './tool-call-syntaxes.js';

/** What an answer is made of in one model's chat format. */
export interface AnswerFormat {
  /** What stands around thinking, or null where the template knows of none. */
  thinking: ThinkingSyntax | null;
  /** How the model writes calls of tools, or null where the template knows of none. */
  toolCalls: ToolCallSyntax | null;
}

export interface ThinkingSyntax {
  readonly begin: string;
  readonly end: string;
  /** Markers around the rest of the answer, which give no text. */
  readonly hidden?: readonly string[];
}

/** By what the template names; the first row that fits counts. */
const THINKING: readonly (ThinkingSyntax & { readonly isIn: RegExp })[] = [
  { isIn: /<\|START_THINKING\|>/, begin: '<|START_THINKING|>', end: '<|END_THINKING|>' },
  { isIn: /\[THINK\]/, begin: '[THINK]', end: '[/THINK]' },
  { isIn: /<seed:think>|seed:cot_budget/, begin: '<seed:think>', end: '</seed:think>' },
  { isIn: /<\|inner_prefix\|>/, begin: '<|inner_prefix|>', end: '<|inner_suffix|>' },
  { isIn: /<\|tool_call:begin\|>/, begin: '<|think|>', end: '<|end|>' },
  { isIn: /<\|channel\|>analysis/, begin: '<|channel|>analysis<|message|>', end: '<|end|>' },
  { isIn: /<\|channel>/, begin: '<|channel>thought', end: '<channel|>' },
  {
    isIn: /\[BEGIN FINAL RESPONSE\]/,
    begin: 'Here are my reasoning steps:',
    end: '[BEGIN FINAL RESPONSE]',
  },
  // Granite and Hunyuan put what follows thinking into tags too.
  {
    isIn: /<response><\/response>/,
    begin: '<think>',
    end: '</think>',
    hidden: ['<response>', '</response>'],
  },
  {
    isIn: /^(?=.*<think>)(?=.*<answer>)/s,
    begin: '<think>',
    end: '</think>',
    hidden: ['<answer>', '</answer>'],
  },
  { isIn: /<\/?think>/, begin: '<think>', end: '</think>' },
];

/** Reads the format off the text of a chat template (the Jinja source). */
export function answerFormatOf(template: string): AnswerFormat {
  const row = THINKING.find(({ isIn }) => isIn.test(template));
  if (row === undefined) return { thinking: null, toolCalls: syntaxOf(template) };
  const { isIn: _, ...thinking } = row;
  return { thinking, toolCalls: syntaxOf(template) };
}
