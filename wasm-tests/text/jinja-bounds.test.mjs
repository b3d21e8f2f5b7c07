// Templates that would not end, or whose texts and values grow without bounds: all end soon, with one error.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SottoError } from '../../build/web/results/errors.js';
import { ChatTemplate } from '../../build/web/text/jinja/template.js';

const nested = (begin, end, times) => begin.repeat(times) + end;
const loops = (body, depth = 6) =>
  `{% for a in range(99999) %}`.repeat(depth) + body + '{% endfor %}'.repeat(depth);

const ENDLESS = {
  'nested loops': loops('x'),
  'empty nested loops': loops(''),
  'a macro that calls itself': '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}',
  'a macro that calls itself twice':
    '{% macro m(k) %}{% if k %}{{ m(k - 1) }}{{ m(k - 1) }}{% endif %}{% endmacro %}{{ m(60) }}',
  'a loop that calls itself': '{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}',
  'a caller that calls itself': '{% macro m() %}{% call m() %}{% endcall %}{% endmacro %}{{ m() }}',
  'a text doubled':
    "{% set ns = namespace(s='abc') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
  'a text joined to itself':
    "{% set ns = namespace(s='abc') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
  'a list doubled':
    '{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}',
  'a list times itself': '{{ [1] * 10 ** 9 }}',
  'a list of lists':
    '{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}',
  'the JSON of a list of lists':
    '{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s|tojson }}',
  'equal lists of lists':
    '{% set ns = namespace(s=[1], t=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}' +
    '{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }}',
  'tuples as keys':
    '{% set ns = namespace(s=(1,)) %}{% for i in range(99) %}{% set ns.s = (ns.s, ns.s) %}{% endfor %}{{ {ns.s: 1} }}',
  'deep lists':
    '{% set ns = namespace(s=[1]) %}{% for i in range(9999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}',
  'deep lists compared':
    '{% set ns = namespace(s=[1], t=[1]) %}{% for i in range(9999) %}{% set ns.s = [ns.s] %}{% set ns.t = [ns.t] %}' +
    '{% endfor %}{{ ns.s < ns.t }}',
  'a long text': "{{ 'a' * 10 ** 9 }}",
  'many long texts': "{% for i in range(9999) %}{% set x = 'a' * 10 ** 6 %}{% endfor %}",
  'a long text printed often': "{% set x = 'a' * 10 ** 6 %}{% for i in range(9999) %}{{ x }}{% endfor %}",
  'a wide indent': "{{ 'a\\n' * 9999|int }}{{ ('a\\n' * 9999)|indent(10 ** 6) }}",
  'a wide center': "{{ 'a'|center(10 ** 12) }}",
  'a wide ljust': "{{ 'a'.ljust(10 ** 12) }}",
  'a wide zfill': "{{ 'a'.zfill(10 ** 12) }}",
  'wide tabs': "{{ ('\\t' * 999).expandtabs(10 ** 6) }}",
  'a wide format': "{{ '%999999999d' % 1 }}",
  'a wide str.format': "{{ '{:999999999}'.format(1) }}",
  'a wide JSON': '{{ [[[[1]]]]|tojson(indent=10 ** 9) }}',
  'a replacement that multiplies': "{{ ('a' * 9999).replace('a', 'b' * 9999) }}",
  'a replacement of nothing': "{{ ('a' * 99999).replace('', 'b' * 9999) }}",
  'a join that multiplies': "{{ range(99999)|join('b' * 9999) }}",
  'batches filled up': '{{ [1]|batch(10 ** 9, 0)|list }}',
  'many slices': '{{ [1]|slice(10 ** 9)|list }}',
  'sorting often': loops('{% set x = range(99999)|sort %}', 3),
  'a sum of lists': '{{ (range(99999)|batch(1))|sum(start=[]) }}',
  'long ranges': '{{ range(10 ** 6) }}',
  'reading a long text often': `{% set x = 'a' * 10 ** 6 %}${loops("{% set y = 'b' in x %}", 2)}`,
  'finding in a long text often': `{% set x = 'a' * 10 ** 6 %}${loops("{% set y = x.find('b') %}", 2)}`,
  'the length of a wide text often': `{% set x = '\\U0001f600' * 10 ** 5 %}${loops('{% set y = x[5000] %}', 2)}`,
  'comparing long texts often': `{% set x = 'a' * 10 ** 6 %}{% set z = 'a' * 10 ** 6 %}${loops('{% set y = x == z %}', 2)}`,
  'comparing the order of long texts often': `{% set x = 'a' * 10 ** 6 %}{% set z = 'a' * 10 ** 6 %}${loops('{% set y = x < z %}', 2)}`,
  'keys of long texts often': `{% set x = 'a' * 10 ** 6 %}${loops("{% set y = {x ~ 'b': 1} %}", 2)}`,
  'startswith of long texts often': `{% set x = 'a' * 10 ** 6 %}${loops('{% set y = x.startswith(x) %}', 2)}`,
  'strip of long texts often': `{% set x = ' ' * 10 ** 6 %}${loops('{% set y = x.strip() %}', 2)}`,
  'tests of long texts often': `{% set x = 'a' * 10 ** 6 %}${loops('{% set y = x.isalpha() %}', 2)}`,
  'numbers of long texts often': `{% set x = '1' * 10 ** 6 %}${loops('{% set y = x|int %}', 2)}`,
  'searching lists often': `{% set x = range(99999)|list %}${loops('{% set y = -1 in x %}', 2)}`,
  'taking the first often': `${loops("{% set x = range(99999)|map('abs') %}{% set y = x|first %}", 2)}`,
  'strftime of a long format': "{{ strftime_now('%c' * 10 ** 6) }}",
  'deep expressions': `{{ ${nested('(', '1', 5000)} }}`,
  'deep lists in the source': `{{ ${nested('[', '', 100_000)} }}`,
  'deep signs': `{{ ${nested('-', '1', 100_000)} }}`,
  'deep nots': `{{ ${nested('not ', '1', 100_000)} }}`,
  'many sums': `{{ ${nested('1 + ', '1', 10_000)} }}`,
  'many filters': `{{ 1${'|string'.repeat(10_000)} }}`,
  'many attributes': `{{ x${'.a'.repeat(10_000)} }}`,
  'many choices': `{{ ${nested('1 if 1 else ', '1', 10_000)} }}`,
  'many ands': `{{ ${nested('1 and ', '1', 10_000)} }}`,
  'deep ifs': '{% if 1 %}'.repeat(10_000),
  'deep targets': `{% set ${'('.repeat(10_000)} %}`,
  'a long template': 'a'.repeat(2 ** 20 + 1),
};

for (const [name, template] of Object.entries(ENDLESS)) {
  test(`ends: ${name}`, () => {
    const begin = performance.now();
    assert.throws(
      () => ChatTemplate.parse(template).render({}, { literal: [] }),
      (error) => error instanceof SottoError && error.code === 'bad-template',
    );
    const took = performance.now() - begin;
    assert.ok(took < 15_000, `${Math.round(took)} ms`);
  });
}

test('long conversations are rendered', () => {
  const messages = Array.from({ length: 4000 }, (_, i) => ({
    role: i % 2 ? 'assistant' : 'user',
    content: `Text ${i} `.repeat(100),
  }));
  const source =
    "{% for m in messages %}{% if m.role not in ['user', 'assistant'] %}{{ raise_exception('x') }}{% endif %}" +
    "{{ '<|' ~ m['role'] ~ '|>\\n' + m.content|trim + '<|end|>\\n' }}{% endfor %}";
  const { text, literal } = ChatTemplate.parse(source).render({ messages }, { literal: ['messages'] });
  assert.equal(
    text.length,
    messages.reduce((sum, { role, content }) => sum + role.length + content.trim().length + 13, 0),
  );
  assert.equal(literal.length, 4000);
});

test('what is given must be plain JSON', () => {
  const template = ChatTemplate.parse('{{ x }}');
  const cycle = {};
  cycle.self = cycle;
  let deep = [];
  for (let i = 0; i < 10_000; i++) deep = [deep];
  let shared = [1];
  for (let i = 0; i < 60; i++) shared = [shared, shared];
  for (const x of [cycle, deep, shared, () => 1, Symbol('x'), 1n, new Map(), new Date(), 2 ** 60]) {
    assert.throws(() => template.render({ x }, { literal: [] }), { code: 'bad-template' });
  }
  assert.equal(
    template.render({ x: { ['__proto__']: 1, y: undefined } }, { literal: [] }).text,
    "{'__proto__': 1}",
  );
  const own = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}');
  const source =
    "{{ x['__proto__'].a }}{{ x.constructor }}{{ x.toString is defined }}{{ __proto__ is defined }}";
  assert.equal(ChatTemplate.parse(source).render({ x: own }, { literal: [] }).text, '12FalseFalse');
});

test('errors say where, and what the template itself says', () => {
  const messageOf = (source) => {
    try {
      ChatTemplate.parse(source).render({ x: 'a' }, { literal: [] });
    } catch (error) {
      return error.message;
    }
    return null;
  };
  assert.equal(
    messageOf("\n{{ raise_exception('no system') }}"),
    'the chat template refuses the messages: no system',
  );
  assert.match(
    messageOf('a\nb\n{{ x + 1 }}'),
    /^line 3 of the chat template: '\+' .*; give another template/,
  );
  assert.match(messageOf('a\n{{ x.'), /^line 2 of the chat template: .*\}\} is missing/);
  assert.match(messageOf('a\n{% if x %}\n'), /^line \d of the chat template: .*endif/);
  assert.match(messageOf('\n{{ x|nosuch }}'), /^line 2 of the chat template: there is no filter 'nosuch'/);
});

// What is literal shows as capital letters would: each piece of the text with whether it is.
const LITERAL = [
  ['{{ x }}', '[<|a|> b]'],
  ['<{{ x }}>', '<[<|a|> b]>'],
  ["{{ x ~ 'c' }}", '[<|a|> b]c'],
  ["{{ 'c' + x + 'd' }}", 'c[<|a|> b]d'],
  ["{{ ('c' + x)[0:3] }}", 'c[<|]'],
  ["{{ (' ' + x + ' ')|trim }}", '[<|a|> b]'],
  ["{{ ('c ' + x).split(' ')[1] }}", '[<|a|>]'],
  ["{{ ('c' + x).upper() }}", 'C[<|A|> B]'],
  ["{{ x.replace('a', 'bc') }}", '[<|]bc[|> b]'],
  ["{{ 'a-b'.replace('-', x) }}", 'a[<|a|> b]b'],
  ["{{ [x, 'c']|join(', ') }}", '[<|a|> b], c'],
  ['{{ x|tojson }}', '"[<|a|> b]"'],
  ["{{ {'k': x}|tojson }}", '{"k": "[<|a|> b]"}'],
  ["{{ {'k': x} }}", "{'k': '[<|a|> b]'}"],
  ['{{ x|e }}', '[&lt;|a|&gt; b]'],
  ["{{ ('q\\n' + x)|indent(2) }}", 'q\n  [<|a|> b]'],
  ["{{ '%s!' % x }}", '[<|a|> b]!'],
  ["{{ '{}!'.format(x) }}", '[<|a|> b]!'],
  ["{{ '%s!'|format(x) }}", '[<|a|> b]!'],
  ['{{ x|center(9) }}', ' [<|a|> b] '],
  ['{{ x|reverse }}', '[b >|a|<]'],
  ['{{ x|list|last }}', '[b]'],
  ["{{ x|truncate(5, true, '', 0) }}", '[<|a|>]'],
  ['{% set y %}({{ x }}){% endset %}{{ y }}', '([<|a|> b])'],
  ['{% macro m(a) %}({{ a }}){% endmacro %}{{ m(x) }}', '([<|a|> b])'],
  ['{% filter upper %}c{{ x }}{% endfilter %}', 'C[<|A|> B]'],
  ['{% for c in x %}{{ c }}{% endfor %}', '[<|a|> b]'],
  ['{{ x * 2 }}', '[<|a|> b<|a|> b]'],
  ['{% for k in o %}{{ k }}{% endfor %}', '[key]'],
  ['{{ o|tojson }}', '{"[key]": 1}'],
  ['{{ own }}', '<|a|>'],
  ['{{ own ~ 1 }}', '<|a|>1'],
];

test('every way of a literal text through a template', () => {
  for (const [source, expected] of LITERAL) {
    const context = { x: '<|a|> b', o: { key: 1 }, own: '<|a|>' };
    const { text, literal } = ChatTemplate.parse(source).render(context, { literal: ['x', 'o'] });
    let shown = '';
    let at = 0;
    for (const [begin, end] of literal) {
      shown += `${text.slice(at, begin)}[${text.slice(begin, end)}]`;
      at = end;
    }
    assert.equal(shown + text.slice(at), expected, source);
  }
});
