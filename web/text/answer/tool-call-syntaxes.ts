/** How the calls stand between the markers. */
export type CallBody =
  /** An object with a name and arguments, or a list of such. */
  | { kind: 'json' }
  /** Messages to functions in channels, whose parser is a ChannelParser. */
  | { kind: 'channels' }
  /** Messages to functions, whose parser is a RecipientParser. */
  | { kind: 'recipients' }
  /** A list of objects with one key each: the name, whose value is the arguments. */
  | { kind: 'keyed-json' }
  /** A head with the name, and the arguments as JSON. `json` instead of a head is taken too. */
  | { kind: 'named-json'; separator: string; readHead: (head: string) => CallHead | null }
  /** An element for each call, with an element for each argument. */
  | { kind: 'parameters'; tags: ParameterTags }
  /** The name, then arg_key and arg_value elements. */
  | { kind: 'key-values' }
  /** Calls in the syntax of Python, in a list. */
  | { kind: 'pythonic' }
  /** call:name{key:value}, with special tokens for quotes. */
  | { kind: 'gemma' };

export interface CallHead {
  name: string;
  id: string | null;
}

export interface ParameterTags {
  readonly call: string;
  readonly callEnd: string;
  readonly parameter: string;
  readonly parameterEnd: string;
}

/** How one family of models writes calls of tools. */
export interface ToolCallSyntax {
  readonly name: string;
  /** Markers that open a call, or a list of calls. None: calls stand bare at the beginning. */
  readonly begins: readonly string[];
  /** The end of the begin markers that is part of the body. */
  readonly bodyStart?: string;
  /** The marker that closes it; null where it ends with its value. */
  readonly end: string | null;
  readonly body: CallBody;
  /** Markers around calls that say no more: they give no text. */
  readonly hidden?: readonly string[];
}

const FUNCTION_TAGS: ParameterTags = {
  call: '<function=',
  callEnd: '</function>',
  parameter: '<parameter=',
  parameterEnd: '</parameter>',
};

function invokeTags(prefix: string): ParameterTags {
  return {
    call: `<${prefix}invoke `,
    callEnd: `</${prefix}invoke>`,
    parameter: `<${prefix}parameter `,
    parameterEnd: `</${prefix}parameter>`,
  };
}

function plainHead(head: string): CallHead {
  return { name: head.trim(), id: null };
}

/** `functions.name:0`, which is the whole id too. */
function kimiHead(head: string): CallHead | null {
  const id = head.trim();
  const name = /^(?:functions\.)?(.+?)(?::\d+)?$/.exec(id)?.[1];
  return name === undefined ? null : { name, id };
}

function mistralHead(head: string): CallHead {
  const [name = '', id] = head.split('[CALL_ID]');
  return { name: name.trim(), id: id === undefined ? null : id.trim() };
}

function solarHead(head: string): CallHead | null {
  const [id, name] = head.split('<|tool_call:name|>');
  return name === undefined ? null : { name: name.trim(), id: id?.trim() || null };
}

/** What stands before the recipient of a message, and how a call reads behind it. */
export const RECIPIENT = '>>>';
export const RECIPIENT_CALL: CallBody = { kind: 'named-json', separator: '\n', readHead: plainHead };

/** By what the template names; the first row that fits counts: special ones stand before general ones. */
const SYNTAXES: readonly (ToolCallSyntax & { readonly isIn: RegExp })[] = [
  {
    name: 'channels',
    isIn: /^(?=.*<\|channel\|>)(?=.*<\|message\|>)/s,
    begins: ['<|message|>'],
    end: '<|call|>',
    body: { kind: 'channels' },
  },
  {
    name: 'recipients',
    isIn: />>>(?:all\\n|\$\{recipient\})/,
    begins: [RECIPIENT],
    end: null,
    body: { kind: 'recipients' },
  },
  {
    name: 'gemma',
    isIn: /<\|tool_call>/,
    begins: ['<|tool_call>'],
    end: '<tool_call|>',
    body: { kind: 'gemma' },
  },
  {
    name: 'solar',
    isIn: /<\|tool_call:begin\|>/,
    begins: ['<|tool_call:begin|>'],
    end: '<|tool_call:end|>',
    body: { kind: 'named-json', separator: '<|tool_call:args|>', readHead: solarHead },
    hidden: ['<|tool_calls|>', '<|content|>', '<|begin|>assistant'],
  },
  {
    name: 'kimi',
    isIn: /<\|tool_call_begin\|>/,
    begins: ['<|tool_call_begin|>'],
    end: '<|tool_call_end|>',
    body: { kind: 'named-json', separator: '<|tool_call_argument_begin|>', readHead: kimiHead },
    hidden: ['<|tool_calls_section_begin|>', '<|tool_calls_section_end|>'],
  },
  {
    // Also function<｜tool▁sep｜>name, a line and a fenced block, where "function" is the type.
    name: 'deepseek',
    isIn: /<｜tool▁call▁begin｜>/,
    begins: ['<｜tool▁call▁begin｜>'],
    end: '<｜tool▁call▁end｜>',
    body: { kind: 'named-json', separator: '<｜tool▁sep｜>', readHead: plainHead },
    hidden: ['<｜tool▁calls▁begin｜>', '<｜tool▁calls▁end｜>'],
  },
  {
    name: 'dsml',
    isIn: /｜DSML｜/,
    begins: ['<｜DSML｜function_calls>'],
    end: '</｜DSML｜function_calls>',
    body: { kind: 'parameters', tags: invokeTags('｜DSML｜') },
  },
  {
    name: 'minimax',
    isIn: /<minimax:tool_call>/,
    begins: ['<minimax:tool_call>'],
    end: '</minimax:tool_call>',
    body: { kind: 'parameters', tags: invokeTags('') },
  },
  {
    name: 'seed',
    isIn: /<seed:tool_call>/,
    begins: ['<seed:tool_call>'],
    end: '</seed:tool_call>',
    body: { kind: 'parameters', tags: FUNCTION_TAGS },
  },
  {
    name: 'nemotron',
    isIn: /<TOOLCALL>/,
    begins: ['<TOOLCALL>'],
    end: '</TOOLCALL>',
    body: { kind: 'json' },
  },
  {
    name: 'tool-calls-tag',
    isIn: /<tool_calls>/,
    begins: ['<tool_calls>'],
    end: '</tool_calls>',
    body: { kind: 'json' },
  },
  {
    name: 'command-r7b',
    isIn: /<\|START_ACTION\|>/,
    begins: ['<|START_ACTION|>'],
    end: '<|END_ACTION|>',
    body: { kind: 'json' },
  },
  {
    name: 'command-r-plus',
    isIn: /\\nAction:\\n```json/,
    begins: ['Action: ```json', 'Action:\n```json'],
    end: '```',
    body: { kind: 'json' },
  },
  {
    name: 'mistral',
    isIn: /\[TOOL_CALLS\]/,
    begins: ['[TOOL_CALLS]'],
    end: null,
    body: { kind: 'named-json', separator: '[ARGS]', readHead: mistralHead },
  },
  {
    name: 'lfm2',
    isIn: /<\|tool_call_start\|>|<\|tool_list_start\|>/,
    begins: ['<|tool_call_start|>'],
    end: '<|tool_call_end|>',
    body: { kind: 'pythonic' },
  },
  {
    name: 'tool-call-token',
    isIn: /<\|tool_call\|>|<\|tool\|>/,
    begins: ['<|tool_call|>'],
    end: null,
    body: { kind: 'json' },
    hidden: ['<|/tool_call|>'],
  },
  {
    name: 'apertus',
    isIn: /<\|tools_prefix\|>/,
    begins: ['<|tools_prefix|>'],
    end: '<|tools_suffix|>',
    body: { kind: 'keyed-json' },
  },
  {
    name: 'gigachat',
    isIn: /<\|function_call\|>/,
    begins: ['<|function_call|>'],
    end: null,
    body: { kind: 'json' },
  },
  {
    // A message of a role of its own.
    name: 'function-call-role',
    isIn: /^(?=.*'function call')(?=.*<\|role_sep\|>)/s,
    begins: ['function call<|role_sep|>'],
    end: null,
    body: { kind: 'json' },
  },
  {
    name: 'glm',
    isIn: /<arg_key>/,
    begins: ['<tool_call>'],
    end: '</tool_call>',
    body: { kind: 'key-values' },
  },
  {
    name: 'function-parameters',
    isIn: /^(?=.*<tool_call>)(?=.*<function=)/s,
    begins: ['<tool_call>'],
    end: '</tool_call>',
    body: { kind: 'parameters', tags: FUNCTION_TAGS },
  },
  {
    name: 'function-json',
    isIn: /<function=/,
    begins: ['<function='],
    end: '</function>',
    body: { kind: 'named-json', separator: '>', readHead: plainHead },
  },
  {
    // Templates with xml_tools let their caller write the markers.
    name: 'hermes',
    isIn: /<tool_call>|xml_tools/,
    begins: ['<tool_call>'],
    end: '</tool_call>',
    body: { kind: 'json' },
  },
  {
    name: 'functools',
    isIn: /functools\[/,
    begins: [' functools[', 'functools['],
    bodyStart: '[',
    end: null,
    body: { kind: 'json' },
  },
  {
    name: 'bare',
    isIn: /<\|python_tag\|>|"parameters": dictionary of argument name|func_name1\(/,
    begins: [],
    end: null,
    body: { kind: 'json' },
  },
];

/** How the calls are written by the model of a chat template; null where that knows of none. */
export function syntaxOf(template: string): ToolCallSyntax | null {
  const row = SYNTAXES.find(({ isIn }) => isIn.test(template));
  if (row === undefined) return null;
  const { isIn: _, ...syntax } = row;
  return syntax;
}
