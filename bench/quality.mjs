// npm run quality [-- FOLDER]: what q8 and q4 cost on held stories, of the embedded model (or a GPT-2 in FOLDER with its
// tokenizer) and of the same with outlier channels. `-- --export TARGET` writes both models and the windows for
// peers_quality.py instead.
import { parseArgs } from 'node:util';
import { main } from '../tools/lib/console.mjs';
import { inRepository } from '../tools/lib/folders.mjs';
import { compareWithReference } from './quality/divergence.mjs';
import { exportForPeers } from './quality/export.mjs';
import { heldWindows } from './quality/held-windows.mjs';
import { createEngineModel, readModel, readTokenizer } from './quality/model-tensors.mjs';
import { withOutliers } from './quality/outliers.mjs';
import { withRoundedWeights } from './quality/rounded-weights.mjs';

const ALL = { layers: true, embedding: true };

/** What is compared with f32: the engine's own types, and rounded weights in the f32 engine. */
const CASES = {
  q8: (model) => createEngineModel(model, 'q8'),
  'q8, weights alone': (model) => createEngineModel(withRoundedWeights(model, 'q8', ALL), 'f32'),
  q4: (model) => createEngineModel(model, 'q4'),
  'q4, weights alone': (model) => createEngineModel(withRoundedWeights(model, 'q4', ALL), 'f32'),
  'q4, weights alone, embedding and head f32': (model) =>
    createEngineModel(withRoundedWeights(model, 'q4', { ...ALL, embedding: false }), 'f32'),
  'q4, weights alone, embedding and head q8': (model) => {
    const layers = withRoundedWeights(model, 'q4', { layers: true, embedding: false });
    return createEngineModel(withRoundedWeights(layers, 'q8', { layers: false, embedding: true }), 'f32');
  },
};

const percent = (share, digits) => `${(100 * share).toFixed(digits)} %`;

function tableRow(title, { perplexity, perplexityChange, changeError, meanKl, equalTop }) {
  const sign = perplexityChange < 0 ? '' : '+';
  const change = `${sign}${percent(perplexityChange, 3)} ± ${(100 * changeError).toFixed(3)}`;
  return `| ${title} | ${perplexity.toFixed(5)} | ${change} | ${meanKl.toExponential(1)} | ${percent(equalTop, 2)} |`;
}

async function printTable(title, model, windows) {
  const f32 = await createEngineModel(model, 'f32');
  const models = { f32 };
  for (const [name, load] of Object.entries(CASES)) models[name] = await load(model);
  const results = compareWithReference(f32, models, windows);
  console.log(`\n${title}, ${results.f32.predictions} predictions\n`);
  console.log('| weights | perplexity | change | KL to f32, nats | same top token |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [name, result] of Object.entries(results)) console.log(tableRow(name, result));
}

await main(async () => {
  const { values, positionals } = parseArgs({
    options: { export: { type: 'string' } },
    allowPositionals: true,
  });
  const folder = positionals[0] ?? inRepository('demo/models/tiny-stories');
  const windows = await heldWindows(await readTokenizer(folder));
  const plain = await readModel(folder);
  const outliers = withOutliers(plain);
  if (values.export !== undefined) {
    await exportForPeers(values.export, folder, { plain, outliers }, windows);
    return;
  }
  await printTable('The model', plain, windows);
  await printTable('With outlier channels', outliers, windows);
});
