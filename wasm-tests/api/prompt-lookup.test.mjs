// Prompt-lookup decoding gives exactly what plain decoding gives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PromptLookup } from '../../build/web/generation/prompt-lookup.js';
import { fixturePath, load, storiesPath } from './support.mjs';

const story =
  'Ben had a cat named Socks. Socks liked milk. Ben had a cat named Socks. Socks liked milk. Ben had';

test('the tokens are those of plain decoding, whatever is drafted', async (t) => {
  const model = await load(t, storiesPath, { prefixCache: 0 });
  for (const promptLookup of [{}, { maxNgram: 1, maxDraft: 1 }, { maxNgram: 2, maxDraft: 64 }]) {
    for (const options of [
      { temperature: 0 },
      { temperature: 1, seed: 9 },
      { temperature: 0.4, seed: 2, topK: 20, repetitionPenalty: 1.1, logprobs: 2 },
      { temperature: 0, stop: 'milk', noRepeatNgramSize: 6 },
      { temperature: 0, overflow: 'slide', maxNewTokens: 300, keepTokens: 8, minNewTokens: 300 },
      { temperature: 0.2, seed: 3, numReturnSequences: 3 },
    ]) {
      const given = { maxNewTokens: 80, ...options };
      const plain = await model.generate(story, given).result;
      const looked = await model.generate(story, { ...given, promptLookup }).result;
      const where = JSON.stringify({ ...options, promptLookup });
      assert.deepEqual(looked.sequences, plain.sequences, where);
    }
  }
});

test('drafts are right up to the end of the context', async (t) => {
  const model = await load(t, fixturePath('odd-8'), { prefixCache: 0 });
  for (const length of [2, 20, 31, 32]) {
    const ids = Array.from({ length }, (_, i) => i % 3);
    const options = { maxNewTokens: 64, temperature: 0 };
    const plain = await model.generate(ids, options).result;
    const looked = await model.generate(ids, { ...options, promptLookup: { maxDraft: 64 } }).result;
    assert.deepEqual(looked.tokenIds, plain.tokenIds);
    assert.equal(looked.finishReason, 'context-full');
  }
});

/** A lookup that knows that a step takes 10 ms. */
function readyLookup(options) {
  const lookup = new PromptLookup({ maxNgram: 3, maxDraft: 4, ...options });
  lookup.learn({ nDrafted: 0, nAccepted: 0, ms: 10 });
  return lookup;
}

test('what followed the longest, then the latest earlier occurrence is drafted', () => {
  const draft = (ids, options) => readyLookup(options).draft(ids, 2);
  assert.deepEqual(draft([1, 2, 3, 4, 5, 1, 2]), [3, 4]);
  assert.deepEqual(draft([1, 2, 3, 1, 2, 9, 1, 2]), [9, 1], 'the latest of equal ones');
  assert.deepEqual(draft([7, 1, 2, 3, 1, 2, 9, 7, 1, 2]), [3, 1], 'a longer one comes first');
  assert.deepEqual(draft([5, 6, 7, 8]), []);
  assert.deepEqual(draft([5, 6, 5]), [], 'one token says too little');
  assert.deepEqual(draft([5, 6, 5], { maxNgram: 1 }), [6, 5], 'unless no more was asked for');
  assert.deepEqual(readyLookup().draft([1, 2, 3, 1, 2], 1), [3], 'no more than there is room for');
});

test('drafts that fail cost time only until a small share of it is lost', () => {
  const lookup = readyLookup();
  const ids = [1, 2, 3, 4, 1, 2];
  let lostMs = 0;
  let steps = 1;
  for (; steps < 1000; steps++) {
    const nDrafted = lookup.draft(ids, 4).length;
    const ms = nDrafted > 0 ? 20 : 10; // such a pass takes twice as long
    lostMs += ms - 10;
    lookup.learn({ nDrafted, nAccepted: 0, ms });
  }
  assert.ok(lostMs > 0 && lostMs <= 10 + 0.03 * (steps * 10 + lostMs), `${lostMs} ms lost in ${steps} steps`);
});

test('drafts that hold grow to the most that is allowed', () => {
  const lookup = readyLookup({ maxDraft: 8 });
  const ids = [...Array.from({ length: 30 }, (_, i) => i), 0, 1];
  const lengths = [];
  for (let i = 0; i < 4; i++) {
    const nDrafted = lookup.draft(ids, 64).length;
    lengths.push(nDrafted);
    lookup.learn({ nDrafted, nAccepted: nDrafted, ms: 12 });
  }
  assert.deepEqual(lengths, [2, 4, 8, 8]);
});
