import { type Expression, oneOfCharacters, repeat, text } from '../grammar.js';
import { DIGIT } from '../json-parts.js';
import type { ArgumentWriter, CallableTool } from './arguments.js';
import type { Piece } from './call-graph.js';

/** How the calls of an answer are written: blocks, each with one call or several. */
export interface CallWriting {
  readonly open: string;
  readonly call: (tool: CallableTool) => readonly Piece[];
  /** Between two calls of a block; null where a block has one. */
  readonly separator: string | null;
  readonly close: string;
  /** Between two blocks; null where there is one. */
  readonly between: string | null;
}

const LETTER_OR_DIGIT = oneOfCharacters([0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a]);
const NUMBER = repeat(DIGIT, 1, 3);

/** @param template The chat template's text: some syntaxes have variants. */
type Writer = (args: ArgumentWriter, template: string) => CallWriting;

const quotedName = ({ name }: CallableTool) => text(JSON.stringify(name));

/** A name and the arguments as JSON. */
function jsonCall(args: ArgumentWriter, { key = 'arguments', behind = [] as readonly Piece[] } = {}) {
  return (tool: CallableTool): Piece[] => [
    '{"name": ',
    quotedName(tool),
    `, "${key}": `,
    args.json(tool),
    ...behind,
    '}',
  ];
}

const jsonList = (open: string, close: string, args: ArgumentWriter): CallWriting => ({
  open: `${open}[`,
  call: jsonCall(args),
  separator: ', ',
  close: `]${close}`,
  between: null,
});

/** What stands before, between and behind a name and a value. */
type Around = readonly [before: string, between: string, behind: string];

/** Blocks in an element, with an element for each call, and in that one for each argument. */
function inElements(
  block: string,
  call: Around,
  parameter: Around,
  { callEnd = '', ...rest }: Pick<CallWriting, 'separator' | 'between'> & { callEnd?: string },
): Writer {
  const write = (name: string, value: Expression): Piece[] => [
    parameter[0],
    text(name),
    parameter[1],
    value,
    parameter[2],
  ];
  const close = `</${block}>`;
  return (args) => ({
    open: `<${block}>\n`,
    call: (tool) => [
      call[0],
      text(tool.name),
      call[1],
      ...args.elements(tool, write, [parameter[2].trim(), close]),
      call[2],
    ],
    close: `${callEnd}${close}`,
    ...rest,
  });
}

/** The newer form is a call behind a call; in both, some templates want ids of nine characters back. */
const mistral: Writer = (args, template) => {
  const id = repeat(LETTER_OR_DIGIT, 9, 9);
  if (template.includes('[ARGS]')) {
    const named: readonly Piece[] = template.includes('[CALL_ID]') ? ['[CALL_ID]', id] : [];
    const call = (tool: CallableTool): Piece[] => [
      '[TOOL_CALLS]',
      text(tool.name),
      ...named,
      '[ARGS]',
      args.json(tool),
    ];
    return { open: '', call, separator: '', close: '', between: null };
  }
  const call = jsonCall(args, { behind: [', "id": "', id, '"'] });
  return { open: '[TOOL_CALLS][', call, separator: ', ', close: ']', between: null };
};

const deepseek: Writer = (args, template) => {
  const isOld = template.includes('```json');
  const call = (tool: CallableTool): Piece[] =>
    isOld
      ? [
          '<｜tool▁call▁begin｜>function<｜tool▁sep｜>',
          text(tool.name),
          '\n```json\n',
          args.json(tool),
          '\n```<｜tool▁call▁end｜>',
        ]
      : ['<｜tool▁call▁begin｜>', text(tool.name), '<｜tool▁sep｜>', args.json(tool), '<｜tool▁call▁end｜>'];
  return {
    open: '<｜tool▁calls▁begin｜>',
    call,
    separator: isOld ? '\n' : '',
    close: '<｜tool▁calls▁end｜>',
    between: null,
  };
};

/** GLM 4.6 puts each element on a line of its own. */
const glm: Writer = (args, template) => {
  const lineEnd = /<tool_call>\{function-name\}\r?\n/.test(template) ? '\n' : '';
  const write = (name: string, value: Expression): Piece[] => [
    '<arg_key>',
    text(name),
    `</arg_key>${lineEnd}<arg_value>`,
    value,
    `</arg_value>${lineEnd}`,
  ];
  const call = (tool: CallableTool): Piece[] => [
    text(tool.name),
    lineEnd,
    ...args.elements(tool, write, ['</arg_value>', '</tool_call>']),
  ];
  return { open: '<tool_call>', call, separator: null, close: '</tool_call>', between: lineEnd };
};

const pythonCalls = (open: string, close: string, args: ArgumentWriter): CallWriting => ({
  open: `${open}[`,
  call: (tool) => [text(tool.name), '(', args.python(tool), ')'],
  separator: ', ',
  close: `]${close}`,
  between: null,
});

const WRITERS: Readonly<Record<string, Writer>> = {
  hermes: (args) => ({
    open: '<tool_call>\n',
    call: jsonCall(args),
    separator: null,
    close: '\n</tool_call>',
    between: '\n',
  }),
  nemotron: (args) => jsonList('<TOOLCALL>', '</TOOLCALL>', args),
  'tool-calls-tag': (args) => jsonList('<tool_calls>', '</tool_calls>', args),
  functools: (args) => jsonList('functools', '', args),
  'tool-call-token': (args, template) =>
    jsonList('<|tool_call|>', template.includes('<|/tool_call|>') ? '<|/tool_call|>' : '', args),
  'command-r7b': (args) => ({
    open: '<|START_ACTION|>[\n    ',
    call: (tool) => [
      '{"tool_call_id": "',
      NUMBER,
      '", "tool_name": ',
      quotedName(tool),
      ', "parameters": ',
      args.json(tool),
      '}',
    ],
    separator: ',\n    ',
    close: '\n]<|END_ACTION|>',
    between: null,
  }),
  'command-r-plus': (args) => ({
    open: 'Action:\n```json\n[\n    ',
    call: (tool) => [
      '{\n        "tool_name": ',
      quotedName(tool),
      ',\n        "parameters": ',
      args.json(tool),
      '\n    }',
    ],
    separator: ',\n    ',
    close: '\n]\n```',
    between: null,
  }),
  mistral,
  deepseek,
  kimi: (args) => ({
    open: '<|tool_calls_section_begin|>',
    call: (tool) => [
      '<|tool_call_begin|>',
      text(`functions.${tool.name}:`),
      NUMBER,
      '<|tool_call_argument_begin|>',
      args.json(tool),
      '<|tool_call_end|>',
    ],
    separator: '',
    close: '<|tool_calls_section_end|>',
    between: null,
  }),
  solar: (args) => ({
    open: '<|tool_calls|>',
    call: (tool) => [
      '<|tool_call:begin|>',
      repeat(LETTER_OR_DIGIT, 10, 10),
      '<|tool_call:name|>',
      text(tool.name),
      '<|tool_call:args|>',
      args.json(tool),
      '<|tool_call:end|>',
    ],
    separator: '',
    close: '',
    between: null,
  }),
  lfm2: (args) => pythonCalls('<|tool_call_start|>', '<|tool_call_end|>', args),
  apertus: (args) => ({
    open: '<|tools_prefix|>[',
    call: (tool) => ['{', quotedName(tool), ': ', args.json(tool), '}'],
    separator: ', ',
    close: ']<|tools_suffix|>',
    between: null,
  }),
  gigachat: (args) => ({
    open: '<|function_call|>',
    call: jsonCall(args),
    separator: null,
    close: '',
    between: null,
  }),
  glm,
  'function-parameters': inElements(
    'tool_call',
    ['<function=', '>\n', '</function>'],
    ['<parameter=', '>\n', '\n</parameter>\n'],
    { separator: null, callEnd: '\n', between: '\n' },
  ),
  seed: inElements(
    'seed:tool_call',
    ['<function=', '>\n', '</function>\n'],
    ['<parameter=', '>', '</parameter>\n'],
    { separator: null, between: '\n' },
  ),
  minimax: inElements(
    'minimax:tool_call',
    ['<invoke name="', '">\n', '</invoke>\n'],
    ['<parameter name="', '">', '</parameter>\n'],
    { separator: '', between: null },
  ),
  'function-json': (args) => ({
    open: '<function=',
    call: (tool) => [text(tool.name), '>', args.json(tool)],
    separator: null,
    close: '</function>',
    between: '',
  }),
  bare: (args, template) =>
    /"parameters": dictionary of argument name|<\|python_tag\|>/.test(template)
      ? {
          open: '',
          call: jsonCall(args, { key: 'parameters' }),
          separator: null,
          close: '',
          between: null,
        }
      : pythonCalls('', '', args),
};

/** How a model writes calls, or null where that is held to no grammar. */
export function writingOf(syntax: string, args: ArgumentWriter, template: string): CallWriting | null {
  return Object.hasOwn(WRITERS, syntax) ? (WRITERS[syntax] as Writer)(args, template) : null;
}
