// llama.cpp's converter wrote these files from the safetensors beside them: they are the same models.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { mapModel } from '../../build/web/architectures/architectures.js';
import { countParameters } from '../../build/web/architectures/count-parameters.js';
import { mapGguf } from '../../build/web/architectures/gguf.js';
import { toTensorRequest } from '../../build/web/architectures/placement.js';
import { assertGreedyOfReference, loadGgufIntoEngine } from '../api/engine-support.mjs';
import { fixturePath } from '../api/support.mjs';
import { readGguf } from '../formats/read-gguf.mjs';
import { checkLogits, readConfig } from './suite.mjs';

const names = readdirSync(fixturePath('families'))
  .map((name) => `families/${name}`)
  .filter((name) => existsSync(`${fixturePath(name)}model.gguf`));

/** `general.architecture` of the files: all that are listed in docs/models.md, but for granitemoe. */
const ARCHITECTURES = [
  'cohere2',
  'ernie4_5',
  'exaone4',
  'falcon-h1',
  'gemma',
  'gemma2',
  'gemma3',
  'gemma3n',
  'gemma4',
  'gpt2',
  'gptneox',
  'granite',
  'granitehybrid',
  'hunyuan-dense',
  'lfm2',
  'llama',
  'mamba2',
  'mistral3',
  'olmo2',
  'phi2',
  'phi3',
  'qwen2',
  'qwen3',
  'qwen35',
  'smollm3',
  'stablelm',
];

const headerOf = (name) => readGguf(readFileSync(`${fixturePath(name)}model.gguf`));

test('every architecture has a file', () => {
  const found = names.map((name) => headerOf(name).metadata.get('general.architecture'));
  assert.deepEqual([...new Set(found)].sort(), ARCHITECTURES);
});

for (const name of names) {
  test(`${name}/model.gguf: the file's tensors are the model's weights, each once`, async () => {
    const { metadata, tensors, read } = headerOf(name);
    const mapping = await mapGguf(metadata, tensors, read);
    let nWeights = 0;
    for (const tensor of tensors) {
      const placement = mapping.tensor(tensor.name);
      assert.notEqual(placement, null, tensor.name);
      if (placement === 'skip') continue;
      const { rows, columns, name: engineName } = toTensorRequest(placement, tensor);
      nWeights += rows * columns;
      assert.ok(mapping.fileNames(engineName, [tensor.name]).includes(tensor.name), tensor.name);
    }
    assert.equal(nWeights, countParameters(mapping.config));
    assert.equal(countParameters(mapModel(readConfig(name)).config), nWeights);
  });
  test(`${name}/model.gguf: logits are within 1e-3 of the reference's range`, (t) =>
    checkLogits(t, name, loadGgufIntoEngine));
  test(`${name}/model.gguf: greedy tokens equal the reference's`, (t) =>
    assertGreedyOfReference(t, name, loadGgufIntoEngine));
}
