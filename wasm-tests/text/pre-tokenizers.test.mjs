// How texts are split, by options that the library which steps come from leaves out: words as the Rust library `tokenizers`
// 0.23.1 gives them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makePreTokenizers, preTokenize } from '../../build/web/text/tokenizer/pre-tokenizers.js';
import { StepBudget } from '../../build/web/text/tokenizer/step-budget.js';

const TEXTS = ['a1٣①2b, x!!?$+…', '«a»--_b 12', '٤٥ 6'];
const CASES = [
  [{ type: 'Punctuation' }, 0],
  [{ type: 'Punctuation', behavior: 'Contiguous' }, 1],
  [{ type: 'Punctuation', behavior: 'Removed' }, 2],
  [{ type: 'Digits' }, 3],
  [{ type: 'Digits', individual_digits: true }, 4],
];
const WORDS = [
  [['a1٣①2b', ',', ' x', '!', '!', '?', '$', '+', '…'], ['«', 'a', '»', '-', '-', '_', 'b 12'], ['٤٥ 6']],
  [['a1٣①2b', ',', ' x', '!!?$+…'], ['«', 'a', '»--_', 'b 12'], ['٤٥ 6']],
  [['a1٣①2b', ' x'], ['a', 'b 12'], ['٤٥ 6']],
  [
    ['a', '1٣①2', 'b, x!!?$+…'],
    ['«a»--_b ', '12'],
    ['٤٥', ' ', '6'],
  ],
  [
    ['a', '1', '٣', '①', '2', 'b, x!!?$+…'],
    ['«a»--_b ', '1', '2'],
    ['٤', '٥', ' ', '6'],
  ],
];

const wordsOf = (json, text) => [
  ...preTokenize(makePreTokenizers(json), text, true, new StepBudget(text.length)),
];

for (const [json, row] of CASES) {
  test(JSON.stringify(json), () => {
    assert.deepEqual(
      TEXTS.map((text) => wordsOf(json, text)),
      WORDS[row],
    );
  });
}

test('Metaspace splits before each ▁, or not at all', () => {
  const json = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' };
  assert.deepEqual(wordsOf(json, 'a  b'), ['▁a', '▁', '▁b']);
  assert.deepEqual(wordsOf(json, '  ▁x y▁▁z '), ['▁', '▁', '▁x', '▁y', '▁', '▁z', '▁']);
  assert.deepEqual(wordsOf({ ...json, split: false }, 'a  b'), ['▁a▁▁b']);
});
