import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answerFormatOf } from '../../build/web/text/answer/answer-format.js';
import { callsOf, EXAMPLES } from './answer-examples.mjs';
import { calls, content, partsOf, split, tokensOf } from './answer-runs.mjs';
import { makeRandom } from './tiny-tokenizers.mjs';

const random = makeRandom(7);
const cuts = [() => 1, () => Number.MAX_SAFE_INTEGER, ...Array(8).fill(() => 1 + random(9))];

for (const [i, example] of EXAMPLES.entries()) {
  const { name, template, answer, specials, isBare = false, isPlain = false } = example;
  const format = answerFormatOf(template);
  const parse = (text, options = {}) => {
    const all = cuts.map((cut) =>
      partsOf(format, split(tokensOf(text, specials), cut), { specials, ...options }),
    );
    for (const parts of all) assert.deepEqual(parts, all[0], text);
    return all[0];
  };

  test(`${name} (${i}): calls, however they come`, () => {
    assert.equal(format.toolCalls.name, name);
    const parts = parse(answer);
    assert.deepEqual(calls(parts), callsOf(example));
    assert.ok(
      parts.every(({ kind }) => kind === 'tool-call'),
      JSON.stringify(parts),
    );
    // Their texts are all of the answer but what stands between calls.
    const hidden = ['<|python_tag|>', ...(format.toolCalls.hidden ?? [])];
    const between = hidden.reduce((rest, marker) => rest.replaceAll(marker, ''), answer).replace(/; ?/, '');
    const withoutSpace = (text) => text.replace(/\s/g, '');
    assert.equal(withoutSpace(parts.map(({ text }) => text).join('')), withoutSpace(between));
  });

  test(`${name} (${i}): text around calls`, () => {
    const before = isBare ? '' : 'Well: ';
    const parts = parse(`${before}${answer}\nThat is it <tool`);
    assert.deepEqual(calls(parts), callsOf(example));
    assert.equal(content(parts, 'text'), `${before}\nThat is it <tool`);
    if (isBare) assert.deepEqual(calls(parse(`Well: ${answer.replace('<|python_tag|>', '')}`)), []);
  });

  test(`${name} (${i}): a call that is cut off anywhere is text, with a reason where one has begun`, () => {
    for (let end = 0; end < answer.length; end++) {
      const parts = partsOf(format, tokensOf(answer.slice(0, end), specials), { specials });
      assert.ok(calls(parts).length <= 2);
      assert.deepEqual(calls(parts), callsOf(example).slice(0, calls(parts).length));
      for (const part of parts) if ('reason' in part) assert.match(part.reason, /^This call .*\.$/);
    }
    const last = parse(
      answer.slice(0, answer.indexOf('x "') < 0 ? answer.indexOf('x \\') : answer.indexOf('x "')),
    );
    assert.equal(calls(last).length, 0);
    assert.equal(last.at(-1).reason, 'This call is cut off.');
  });

  test(`${name} (${i}): a broken call is text with a reason`, () => {
    const broken = answer
      .replace(/"?\ba"?(: |=|:)1|(>)1(<)/, '"a$11}]')
      .replace(/<parameter=a>|<arg_key>a|="a"/, '<a');
    const parts = parse(`${broken} then`);
    const unread = parts.find((part) => 'reason' in part);
    assert.ok(unread !== undefined, JSON.stringify(parts));
    assert.match(unread.reason, /^This call (cannot be read: .*|is cut off)\.$/);
    assert.ok(broken.includes(unread.text.slice(0, 10)));
  });

  if (specials.length > 0 && !isBare && !isPlain) {
    test(`${name} (${i}): markers of special tokens count only as such`, () => {
      const plain = `See ${answer} there`;
      const parts = partsOf(format, [{ text: plain, isSpecial: false }], { specials });
      assert.deepEqual(parts, [{ kind: 'text', text: plain }]);
      assert.deepEqual(calls(partsOf(format, tokensOf(answer), { specials: [] })), callsOf(example));
    });
  }
  if (isBare) {
    test(`${name} (${i}): without tools, nothing bare is a call`, () => {
      const parts = parse(answer, { tools: false });
      assert.deepEqual(parts, [{ kind: 'text', text: answer.replace('<|python_tag|>', '') }]);
    });
  }
}

const hermes = answerFormatOf('<tool_call>');
const coder = answerFormatOf('<tool_call><function=');
const glm = answerFormatOf('<tool_call><arg_key>');
const llama = answerFormatOf('<|python_tag|>');
const lfm2 = answerFormatOf('<|tool_call_start|>');
const parse = (format, text, options) => partsOf(format, tokensOf(text, options?.specials), options);

test('what follows a broken call goes on, and white space between calls is none of the text', () => {
  const good = '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>';
  for (const bad of [
    '{"name": "f", "arguments": {"a": "x}\n',
    '{"name": 1}',
    '[]',
    '{"name": "f", "arguments": 3}',
    'no',
  ]) {
    const parts = parse(hermes, `<tool_call>${bad}</tool_call>\n${good}\n${good}\n`);
    assert.deepEqual(
      parts.map((part) => [part.kind, part.text, 'reason' in part]),
      [
        ['text', `<tool_call>${bad}</tool_call>`, true],
        ['text', '\n', false],
        ['tool-call', good, false],
        ['tool-call', good, false],
      ],
    );
  }
});

test('an end marker in a string of JSON is none', () => {
  const given = { s: 'a </tool_call> \\" " b' };
  const text = `<tool_call>${JSON.stringify({ name: 'f', arguments: given })}</tool_call>`;
  assert.deepEqual(calls(parse(hermes, text)), [{ id: null, name: 'f', arguments: given }]);
});

test('arguments as a string of JSON, OpenAI objects, ids', () => {
  const text =
    '<tool_call>{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\\"a\\": 1}"}}</tool_call>';
  assert.deepEqual(calls(parse(hermes, text)), [{ id: 'c', name: 'f', arguments: { a: 1 } }]);
});

test('values of parameters: JSON unless a string', () => {
  const values = [
    '1',
    '"q"',
    '[1, "a"]',
    '{"k": null}',
    'null',
    'true',
    '007',
    'a\nb\n',
    '',
    ' x ',
    'Infinity',
  ];
  const expected = [1, '"q"', [1, 'a'], { k: null }, null, true, '007', 'a\nb\n', '', ' x ', 'Infinity'];
  const inCoder = values.map((value, i) => `<parameter=p${i}>\n${value}\n</parameter>\n`).join('');
  const inGlm = values
    .map((value, i) => `<arg_key>p${i}</arg_key>\n<arg_value>${value}</arg_value>`)
    .join('\n');
  const given = Object.fromEntries(expected.map((value, i) => [`p${i}`, value]));
  const call = [{ id: null, name: 'f', arguments: given }];
  assert.deepEqual(
    calls(parse(coder, `<tool_call>\n<function=f>\n${inCoder}</function>\n</tool_call>`)),
    call,
  );
  assert.deepEqual(calls(parse(glm, `<tool_call>f\n${inGlm}</tool_call>`)), call);
});

test('__proto__ is a name like any other', () => {
  const texts = [
    [hermes, '<tool_call>{"name": "f", "arguments": {"__proto__": {"a": 1}}}</tool_call>'],
    [coder, '<tool_call><function=f><parameter=__proto__>{"a": 1}</parameter></function></tool_call>'],
    [glm, '<tool_call>f<arg_key>__proto__</arg_key><arg_value>{"a": 1}</arg_value></tool_call>'],
    [lfm2, "<|tool_call_start|>[f(__proto__={'a': 1})]<|tool_call_end|>"],
  ];
  for (const [format, text] of texts) {
    const [call] = calls(parse(format, text));
    assert.deepEqual(Object.entries(call.arguments), [['__proto__', { a: 1 }]]);
    assert.equal(Object.getPrototypeOf(call.arguments), Object.prototype);
  }
});

test('literals of Python', () => {
  const text =
    "[f(a='it\\'s \\u00e9\\n\\x41', b=[1, -2.5, 1e3, True, None, (1, 2)], c={'k': {'l': []}, 2: False}, d=\"\\q\",), g.h(x=1_000)]";
  assert.deepEqual(calls(parse(lfm2, `<|tool_call_start|>${text}<|tool_call_end|>`)), [
    {
      id: null,
      name: 'f',
      arguments: {
        a: "it's é\nA",
        b: [1, -2.5, 1000, true, null, [1, 2]],
        c: { k: { l: [] }, 2: false },
        d: '\\q',
      },
    },
    { id: null, name: 'g.h', arguments: { x: 1000 } },
  ]);
  for (const bad of [
    'f(1)',
    'f(a=b)',
    'f(a=1',
    'f(a=g())',
    'f(a=1) x',
    'f',
    `f(a=${'['.repeat(1e5)})`,
    "f(a='x)",
    'f(a=1e999)',
  ]) {
    const [part] = parse(lfm2, `<|tool_call_start|>[${bad}]<|tool_call_end|>`, {
      specials: ['<|tool_call_start|>', '<|tool_call_end|>'],
    });
    assert.match(part.reason ?? '', /^This call cannot be read/, bad.slice(0, 20));
  }
});

test('a built-in tool of Llama behind the tag; code behind it is text', () => {
  const options = { specials: ['<|python_tag|>'] };
  const parts = parse(llama, '<|python_tag|>brave_search.call(query="a")', options);
  assert.deepEqual(calls(parts), [{ id: null, name: 'brave_search', arguments: { query: 'a' } }]);
  assert.deepEqual(parse(llama, '<|python_tag|>import math', options), [
    { kind: 'text', text: 'import math' },
  ]);
});

test('JSON and lists that are no calls are text', () => {
  for (const text of ['{"city": "Paris"}', '{}', '[1, 2]', '[a, b]', '  {', '[', '{"name', ' \n']) {
    assert.deepEqual(parse(llama, text), [{ kind: 'text', text }]);
  }
  assert.equal(parse(llama, '{"name": "Bob", "age": 3}')[0].kind, 'text');
});

test('a call that is too long is text, and in linear time', () => {
  const long = 'x'.repeat(3 * 2 ** 20);
  for (const [format, begin] of [
    [hermes, '<tool_call>{"name": "'],
    [coder, '<tool_call><function='],
    [llama, '{"name": "'],
  ]) {
    const parts = parse(format, begin + long);
    assert.deepEqual([parts.length, parts[0].reason], [2, 'This call is too long.']);
    assert.equal(parts.map(({ text }) => text).join(''), begin + long);
  }
});

test('where no call can begin any more, text streams on', () => {
  const phi = answerFormatOf('<|tool|>');
  const mistral = answerFormatOf('[TOOL_CALLS]');
  const parts = parse(phi, '<|tool_call|>I would call f');
  assert.deepEqual([parts[0].text, parts[1].text], ['<|tool_call|>I', ' would call f']);
  assert.match(parts[0].reason, /neither a list nor an object/);
  const text = `[TOOL_CALLS]${'x '.repeat(1000)}`;
  const long = parse(mistral, text);
  assert.match(long[0].reason, /'\[ARGS\]' is missing/);
  assert.equal(long.map((part) => part.text).join(''), text);
});

test('many calls in one push, and one call in many pushes, take linear time', () => {
  const n = 20_000;
  for (const [format, one] of [
    [hermes, '<tool_call>{"name": "f", "arguments": {}}</tool_call>'],
    [coder, '<tool_call><function=f></function></tool_call>'],
    [llama, '{"name": "f", "parameters": {}};'],
    [answerFormatOf('[TOOL_CALLS]'), '[TOOL_CALLS]f[ARGS]{}'],
  ]) {
    assert.equal(calls(parse(format, one.repeat(n))).length, n);
  }
  const given = { a: '</tool_call> '.repeat(n) };
  const long = `<tool_call>${JSON.stringify({ name: 'f', arguments: given })}</tool_call>`;
  const parts = partsOf(
    hermes,
    split(tokensOf(long), () => 1),
  );
  assert.deepEqual(calls(parts), [{ id: null, name: 'f', arguments: given }]);
});
