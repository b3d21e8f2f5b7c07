import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LiteralPattern } from '../../build/web/text/tokenizer/literal-pattern.js';
import { splitByPattern } from '../../build/web/text/tokenizer/split.js';
import { StepBudget } from '../../build/web/text/tokenizer/step-budget.js';

// From the documentation of the Rust library `tokenizers`, SplitDelimiterBehavior.
const DOCUMENTED = {
  Removed: ['the', 'final', 'countdown'],
  Isolated: ['the', '-', 'final', '-', '-', 'countdown'],
  MergedWithPrevious: ['the-', 'final-', '-', 'countdown'],
  MergedWithNext: ['the', '-final', '-', '-countdown'],
  Contiguous: ['the', '-', 'final', '--', 'countdown'],
};

const split = (text, behavior, invert = false) => [
  ...splitByPattern(new LiteralPattern('-'), behavior, invert, text, new StepBudget(text.length)),
];

for (const [behavior, parts] of Object.entries(DOCUMENTED)) {
  test(`${behavior}: what becomes of the places where a text is split`, () => {
    assert.deepEqual(split('the-final--countdown', behavior), parts);
    assert.deepEqual(split('', behavior), []);
    assert.deepEqual(split('the', behavior), ['the']);
  });
}

test('inverted, what is found are the words', () => {
  assert.deepEqual(split('a-b--', 'Removed', true), ['-', '-', '-']);
  assert.deepEqual(split('a-b--', 'Isolated', true), ['a', '-', 'b', '-', '-']);
  assert.deepEqual(split('a-b--', 'MergedWithNext', true), ['a-', 'b-', '-']);
});
