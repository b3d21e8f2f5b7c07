/**
 * For each syntax: what a template of it holds, its special tokens, and answers with two calls as its models write
 * them: f with {a: 1, b: 'x "y"'}, and g without arguments.
 */
const F = '{"a": 1, "b": "x \\"y\\""}';
const named = (list) => list.map(([name, given]) => `{"name": "${name}", "arguments": ${given}}`);
const list = `[${named([
  ['f', F],
  ['g', '{}'],
]).join(', ')}]`;
const [objectF, objectG] = named([
  ['f', F],
  ['g', '{}'],
]);
const tags = (begin, end, call, parameter) =>
  `${begin}\n<${call('f')}>\n<${parameter('a')}>1</PARAMETER>\n<${parameter('b')}>x "y"</PARAMETER>\n</CALL>\n<${call('g')}>\n</CALL>\n${end}`;
const functions = (begin, end) =>
  tags(
    begin,
    end,
    (name) => `function=${name}`,
    (name) => `parameter=${name}`,
  )
    .replaceAll('PARAMETER', 'parameter')
    .replaceAll('CALL', 'function');
const invokes = (begin, end, prefix) =>
  tags(
    begin,
    end,
    (name) => `${prefix}invoke name="${name}"`,
    (name) => `${prefix}parameter name="${name}"`,
  )
    .replaceAll('PARAMETER', `${prefix}parameter`)
    .replaceAll('CALL', `${prefix}invoke`);
const solar = (name, given) =>
  `<|tool_call:begin|>${name}1<|tool_call:name|>${name}<|tool_call:args|>${given}<|tool_call:end|>`;
const kimi = (name, number, given) =>
  `<|tool_call_begin|>functions.${name}:${number}<|tool_call_argument_begin|>${given}<|tool_call_end|>`;
const deepseek = (name, given) => `<｜tool▁call▁begin｜>${name}<｜tool▁sep｜>${given}<｜tool▁call▁end｜>`;
const oldDeepseek = (name, given) => deepseek('function', `${name}\n\`\`\`json\n${given}\n\`\`\``);

export const EXAMPLES = [
  {
    name: 'gemma',
    template: '<|tool_call>call:',
    answer: '<|tool_call>call:f{a:1,b:<|"|>x "y"<|"|>}<tool_call|><|tool_call>call:g{}<tool_call|>',
    specials: ['<|tool_call>', '<tool_call|>', '<|"|>'],
  },
  {
    name: 'solar',
    template: '<|tool_call:begin|>',
    answer: `<|tool_calls|>${solar('f', F)}${solar('g', '{}')}`,
    specials: ['begin', 'name', 'args', 'end'].map((end) => `<|tool_call:${end}|>`).concat('<|tool_calls|>'),
    ids: ['f1', 'g1'],
  },
  {
    name: 'kimi',
    template: '<|tool_call_begin|>',
    answer: `<|tool_calls_section_begin|>${kimi('f', 0, F)}${kimi('g', 1, '{}')}<|tool_calls_section_end|>`,
    specials: [
      'call_begin',
      'call_argument_begin',
      'call_end',
      'calls_section_begin',
      'calls_section_end',
    ].map((middle) => `<|tool_${middle}|>`),
    ids: ['functions.f:0', 'functions.g:1'],
  },
  {
    name: 'deepseek',
    template: '<｜tool▁call▁begin｜>',
    answer: `<｜tool▁calls▁begin｜>${deepseek('f', F)}${deepseek('g', '{}')}<｜tool▁calls▁end｜>`,
    specials: [
      '<｜tool▁calls▁begin｜>',
      '<｜tool▁calls▁end｜>',
      '<｜tool▁call▁begin｜>',
      '<｜tool▁call▁end｜>',
      '<｜tool▁sep｜>',
    ],
  },
  {
    name: 'deepseek',
    template: '<｜tool▁call▁begin｜>',
    answer: `<｜tool▁calls▁begin｜>${oldDeepseek('f', F)}\n${oldDeepseek('g', '{}')}<｜tool▁calls▁end｜>`,
    specials: [
      '<｜tool▁calls▁begin｜>',
      '<｜tool▁calls▁end｜>',
      '<｜tool▁call▁begin｜>',
      '<｜tool▁call▁end｜>',
      '<｜tool▁sep｜>',
    ],
  },
  {
    name: 'dsml',
    template: '｜DSML｜',
    answer: invokes('<｜DSML｜function_calls>', '</｜DSML｜function_calls>', '｜DSML｜'),
    specials: ['｜DSML｜'],
    isPlain: true,
  },
  {
    name: 'minimax',
    template: '<minimax:tool_call>',
    answer: invokes('<minimax:tool_call>', '</minimax:tool_call>', ''),
    specials: ['<minimax:tool_call>', '</minimax:tool_call>'],
  },
  {
    name: 'seed',
    template: '<seed:tool_call>',
    answer: functions('<seed:tool_call>', '</seed:tool_call>'),
    specials: ['<seed:tool_call>', '</seed:tool_call>'],
  },
  { name: 'nemotron', template: '<TOOLCALL>', answer: `<TOOLCALL>${list}</TOOLCALL>`, specials: [] },
  {
    name: 'tool-calls-tag',
    template: '<tool_calls>',
    answer: `<tool_calls>${list}</tool_calls>`,
    specials: [],
  },
  {
    name: 'command-r7b',
    template: '<|START_ACTION|>',
    answer: `<|START_ACTION|>[
    {"tool_call_id": "0", "tool_name": "f", "parameters": ${F}},
    {"tool_call_id": "1", "tool_name": "g", "parameters": {}}
]<|END_ACTION|>`,
    specials: ['<|START_ACTION|>', '<|END_ACTION|>'],
    ids: ['0', '1'],
  },
  {
    name: 'command-r-plus',
    template: '\\nAction:\\n```json',
    answer: `Action: \`\`\`json
[{"tool_name": "f", "parameters": ${F}}, {"tool_name": "g", "parameters": {}}]
\`\`\``,
    specials: [],
  },
  {
    name: 'mistral',
    template: '[TOOL_CALLS]',
    answer: `[TOOL_CALLS] [{"name": "f", "arguments": ${F}, "id": "u"}, {"name": "g", "arguments": {}, "id": "v"}]`,
    specials: ['[TOOL_CALLS]', '[ARGS]', '[CALL_ID]'],
    ids: ['u', 'v'],
  },
  {
    name: 'mistral',
    template: '[TOOL_CALLS]',
    answer: `[TOOL_CALLS]f[ARGS]${F}[TOOL_CALLS]g[ARGS]{}`,
    specials: ['[TOOL_CALLS]', '[ARGS]', '[CALL_ID]'],
  },
  {
    name: 'mistral',
    template: '[TOOL_CALLS]',
    answer: `[TOOL_CALLS]f[CALL_ID]u[ARGS]${F}[TOOL_CALLS]g[CALL_ID]v[ARGS]{}`,
    specials: ['[TOOL_CALLS]', '[ARGS]', '[CALL_ID]'],
    ids: ['u', 'v'],
  },
  {
    name: 'lfm2',
    template: '<|tool_call_start|>',
    answer: `<|tool_call_start|>[f(a=1, b='x "y"'), g()]<|tool_call_end|>`,
    specials: ['<|tool_call_start|>', '<|tool_call_end|>'],
  },
  {
    name: 'tool-call-token',
    template: '<|tool_call|>',
    answer: `<|tool_call|>${list}`,
    specials: ['<|tool_call|>'],
  },
  {
    name: 'tool-call-token',
    template: '<|tool|>',
    answer: `<|tool_call|>${list}<|/tool_call|>`,
    specials: ['<|tool_call|>', '<|/tool_call|>'],
  },
  {
    name: 'apertus',
    template: '<|tools_prefix|>',
    answer: `<|tools_prefix|>[{"f": ${F}}, {"g": {}}]<|tools_suffix|>`,
    specials: ['<|tools_prefix|>', '<|tools_suffix|>'],
  },
  {
    name: 'gigachat',
    template: '<|function_call|>',
    answer: `<|function_call|>${objectF}<|function_call|>${objectG}`,
    specials: ['<|function_call|>'],
  },
  {
    name: 'glm',
    template: '<tool_call><arg_key>',
    answer: `<tool_call>f
<arg_key>a</arg_key>
<arg_value>1</arg_value>
<arg_key>b</arg_key>
<arg_value>x "y"</arg_value>
</tool_call>
<tool_call>g
</tool_call>`,
    specials: ['<tool_call>', '</tool_call>', '<arg_key>', '</arg_key>', '<arg_value>', '</arg_value>'],
  },
  {
    name: 'function-parameters',
    template: '<tool_call><function=',
    answer: functions('<tool_call>', '</tool_call>'),
    specials: ['<tool_call>', '</tool_call>'],
  },
  {
    name: 'function-json',
    template: '<function=',
    answer: `<function=f>${F}</function><function=g>{}</function>`,
    specials: [],
  },
  {
    name: 'hermes',
    template: '<tool_call>',
    answer: `<tool_call>\n${objectF}\n</tool_call>\n<tool_call>${objectG}</tool_call>`,
    specials: ['<tool_call>', '</tool_call>'],
  },
  { name: 'functools', template: 'functools[', answer: ` functools${list}`, specials: [] },
  {
    name: 'bare',
    template: '<|python_tag|>',
    answer: `{"name": "f", "parameters": ${F}}; {"name": "g", "parameters": {}}`,
    specials: ['<|python_tag|>'],
    isBare: true,
  },
  {
    name: 'bare',
    template: '<|python_tag|>',
    answer: `<|python_tag|>{"type": "function", "name": "f", "parameters": ${F}};{"name": "g", "parameters": {}}`,
    specials: ['<|python_tag|>'],
    isBare: true,
  },
  {
    name: 'bare',
    template: '<|python_tag|>',
    answer: `[f(a=1, b='x "y"'), g()]`,
    specials: ['<|python_tag|>'],
    isBare: true,
  },
];

/** The calls of each example. */
export function callsOf({ ids = [null, null] }) {
  return [
    { id: ids[0], name: 'f', arguments: { a: 1, b: 'x "y"' } },
    { id: ids[1], name: 'g', arguments: {} },
  ];
}
