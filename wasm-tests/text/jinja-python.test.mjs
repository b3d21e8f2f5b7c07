// Small templates, rendered as Jinja2 for Python does in the environment of chat templates.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ChatTemplate } from '../../build/web/text/jinja/template.js';

const file = new URL('../fixtures/jinja/python.json', import.meta.url);
const { cases, context } = JSON.parse(readFileSync(file, 'utf8'));
const now = new Date(2026, 6, 10, 12, 0, 0);

function render(template, literal) {
  try {
    return ChatTemplate.parse(template).render(context, { literal, now });
  } catch (error) {
    if (error.code !== 'bad-template') throw error;
    return { error: error.message };
  }
}

test('texts and errors are those of Python', () => {
  assert.ok(cases.length > 700);
  const wrong = [];
  for (const { template, text, error } of cases) {
    const own = render(template, []);
    if (own.text === text) continue;
    wrong.push(`${template}\n  ${JSON.stringify(text ?? error)}\n  ${JSON.stringify(own.text ?? own.error)}`);
  }
  assert.equal(wrong.join('\n'), '');
});

test('marking changes no text', () => {
  for (const { template } of cases) {
    const own = render(template, Object.keys(context));
    assert.equal(own.text, render(template, []).text, template);
    let last = -1;
    for (const [begin, end] of own.literal ?? []) {
      assert.ok(begin > last && end > begin && end <= own.text.length, template);
      last = end;
    }
  }
});
