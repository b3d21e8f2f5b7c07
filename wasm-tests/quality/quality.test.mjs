// What quantised weights cost on stories that the embedded model has not seen.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { compareWithReference } from '../../bench/quality/divergence.mjs';
import { heldWindows } from '../../bench/quality/held-windows.mjs';
import { createEngineModel, readModel, readTokenizer } from '../../bench/quality/model-tensors.mjs';
import { withOutliers } from '../../bench/quality/outliers.mjs';
import { storiesPath } from '../api/support.mjs';

const MOST_CHANGE = { q8: 0.001, q4: 0.03 };

let windows;
let embedded;

before(async () => {
  windows = await heldWindows(await readTokenizer(storiesPath));
  embedded = await readModel(storiesPath);
});

test('the held text is 16 windows of 256 tokens, each from a begin token on', () => {
  assert.deepEqual(
    windows.map((ids) => [ids.length, ids[0]]),
    Array.from({ length: 16 }, () => [256, 2047]),
  );
});

for (const [title, change] of Object.entries({
  'the embedded model': (model) => model,
  'with outlier channels': withOutliers,
})) {
  test(`${title}: q8 within 0.1 % of the perplexity of f32, q4 within 3 %`, async (t) => {
    const model = change(embedded);
    const f32 = await createEngineModel(embedded, 'f32');
    const models = { f32: await createEngineModel(model, 'f32') };
    for (const weights of ['q8', 'q4']) models[weights] = await createEngineModel(model, weights);
    const results = compareWithReference(f32, models, windows);

    assert.equal(results.f32.meanKl, 0, 'f32 computes the same function');
    assert.ok(results.f32.perplexity < 1.5, `${results.f32.perplexity}: the model knows such stories`);
    for (const [weights, most] of Object.entries(MOST_CHANGE)) {
      const { perplexityChange, meanKl } = results[weights];
      t.diagnostic(
        `${weights}: perplexity ${(100 * perplexityChange).toFixed(3)} %, KL ${meanKl.toExponential(1)}`,
      );
      assert.ok(Math.abs(perplexityChange) < most, `${weights}: ${perplexityChange}`);
      assert.ok(meanKl > 0, `${weights} is measured against f32, and is not f32`);
    }
  });
}
