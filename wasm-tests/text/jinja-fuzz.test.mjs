// Templates with random mistakes in them: each renders or fails with the one error, soon.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { SottoError } from '../../build/web/results/errors.js';
import { ChatTemplate } from '../../build/web/text/jinja/template.js';

const folder = new URL('../../../shared/models/data/templates/', import.meta.url);
const published = existsSync(folder)
  ? readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'))
  : [];
const table = JSON.parse(readFileSync(new URL('../fixtures/jinja/python.json', import.meta.url), 'utf8'));
const templates = [...published, ...table.cases.map(({ template }) => template)];
const context = {
  ...table.context,
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello' },
  ],
  tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }],
  bos_token: '<s>',
  add_generation_prompt: true,
};
const PIECES = [
  ...[
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '-',
    '+',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ':',
    ',',
    '|',
    '.',
    '~',
    "'",
    '"',
    '\\',
  ],
  ...[
    ' if ',
    ' else ',
    ' in ',
    ' not ',
    ' is ',
    ' recursive ',
    'loop',
    'messages',
    'none',
    '[::-1]',
    '|list',
    '|map',
  ],
  ...[
    '{% endif %}',
    '{% endfor %}',
    '{% for x in messages %}',
    '{% break %}',
    '1',
    '0.5',
    '**',
    '* 99999',
    '\n',
    '\0',
  ],
  ...[
    '|tojson',
    '|length',
    '|join',
    '.items()',
    "|replace('a', 'b')",
    '.split()',
    '\ud800',
    '%s',
    '()',
    '=',
    '==',
  ],
];

/** mulberry32 */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('templates with mistakes render or are refused', () => {
  const random = randomOf(20);
  const below = (count) => Math.floor(random() * count);
  const end = performance.now() + 2000;
  let rendered = 0;
  let refused = 0;
  for (let i = 0; i < 6000 && performance.now() < end; i++) {
    let source = templates[below(templates.length)];
    for (let changes = 1 + below(3); changes > 0; changes--) {
      const at = below(source.length + 1);
      const other = templates[below(templates.length)];
      const from = below(other.length);
      const pieces = ['', PIECES[below(PIECES.length)], other.slice(from, from + below(30))];
      source = source.slice(0, at) + pieces[below(3)] + source.slice(at + below(2) * below(8));
    }
    const begin = performance.now();
    try {
      const { text, literal } = ChatTemplate.parse(source).render(context, { literal: ['messages', 's'] });
      assert.ok(literal.every(([from, to]) => from < to && to <= text.length));
      rendered++;
    } catch (error) {
      if (!(error instanceof SottoError) || error.code !== 'bad-template') {
        throw new Error(`with ${JSON.stringify(source)}`, { cause: error });
      }
      refused++;
    }
    const took = performance.now() - begin;
    assert.ok(took < 15_000, `${Math.round(took)} ms for ${JSON.stringify(source)}`);
  }
  assert.ok(rendered > 10 && refused > 10, `${rendered} rendered, ${refused} refused`);
});
