// The blocks of docs/how-it-works/, run with the embedded model: what they log is what the text says, or what the model has.
import assert from 'node:assert/strict';
import { runFragment } from './fragment.mjs';
import { loadStories } from './models.mjs';
import { testDocument } from './test-document.mjs';

/** Runs a block with the embedded model; what it logs, line by line, and the model. */
async function logOf(block, t) {
  const model = await loadStories(t);
  const log = t.mock.method(console, 'log', () => {});
  await runFragment(t, block, { model });
  log.mock.restore();
  return { model, lines: log.mock.calls.map(({ arguments: values }) => values) };
}

testDocument('docs/how-it-works/index.md', {
  "A token's life js 1": async (block, t) => {
    const { model, lines } = await logOf(block, t);
    const { tokenIds, text } = await model.generate('One day, Tom', { temperature: 0, maxNewTokens: 1 })
      .result;
    assert.deepEqual(lines, [[tokenIds[0], text]]);
  },
});

testDocument('docs/how-it-works/prefill-and-decode.md', {
  'Why reading is faster js 1': async (block, t) => {
    const { lines } = await logOf(block, t);
    assert.equal(lines.length, 1);
    for (const figure of lines[0]) assert.ok(figure > 0, lines[0].join());
  },
});

testDocument('docs/how-it-works/cache.md', {
  'How a token looks back js 1': async (block, t) => {
    const { model, lines } = await logOf(block, t);
    const { length } = await model.encode('On a rock in the sea stood a lighthouse.');
    const { nLayers, nHeads } = model.info;
    assert.deepEqual(lines, [[nLayers * nHeads, 'heads of', length, 'tokens']]);
  },
  'Pages js 1': async (block, t) => {
    const { model, lines } = await logOf(block, t);
    assert.deepEqual(lines, [[true]]);
    assert.equal((await model.memory()).kvPages, 2);
  },
});

testDocument('docs/how-it-works/sampling.md', {
  'Filters js 1': async (block, t) => {
    const { model, lines } = await logOf(block, t);
    const options = { temperature: 0.8, topP: 0.9, seed: 7 };
    const text = await model.generate('One day, Tom', options).text();
    assert.ok(text.length > 20);
    assert.deepEqual(lines, [[text]]);
  },
});

testDocument('docs/how-it-works/quantisation.md', {
  'What it costs js 1': async (block, t) => {
    const { model, lines } = await logOf(block, t);
    assert.deepEqual(lines, [['f32', model.info.weightBytes]]);
  },
});

testDocument('docs/how-it-works/determinism.md', {
  'Why that is not usual js 1': async (block, t) => {
    const { lines } = await logOf(block, t);
    assert.deepEqual(lines, [[false]]);
  },
  'What it is good for js 1': async (block, t) => {
    const { lines } = await logOf(block, t);
    assert.deepEqual(lines, [[true, true]]);
  },
});
