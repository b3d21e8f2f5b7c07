// What a package tells of a model before and while it is read: a folder of the hub.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { openPackage } from '../../build/web/loading/open-package.js';
import { ProgressReporter } from '../../build/web/loading/progress.js';
import { openSource } from '../../build/web/sources/open.js';
import { resolveSource } from '../../build/web/sources/spec.js';
import { tensorsOf } from '../api/make-weights.mjs';
import { filesOf, fixturePath, storiesPath } from '../api/support.mjs';

async function opened(source) {
  const progress = new ProgressReporter(() => {});
  const spec = resolveSource(source);
  return openPackage(await openSource(spec), spec.gguf, progress, new AbortController().signal);
}

async function namesOf(tensors) {
  const names = [];
  for await (const { tensor } of tensors) names.push(tensor.name);
  return names.sort();
}

test('a folder with one file of weights', async () => {
  const files = filesOf(storiesPath);
  const model = await opened(storiesPath);
  const json = (name) => JSON.parse(new TextDecoder().decode(files[name]));
  assert.deepEqual(model.config, json('config.json'));
  assert.deepEqual([...model.identity.keys()], ['config.json'], 'nothing else is opened yet');
  const { generationConfig, tokenizer } = await model.readDescription();
  assert.deepEqual(generationConfig, json('generation_config.json'));
  const { vocab } = json('tokenizer.json').model;
  assert.deepEqual([tokenizer.json.model.vocab, tokenizer.config.bos_token], [vocab, '<|endoftext|>']);
  const expected = tensorsOf(files['model.safetensors']);
  for (let time = 0; time < 2; time++) {
    const { names, totalBytes, tensors } = await model.openWeights();
    assert.deepEqual([...names].sort(), Object.keys(expected).sort());
    assert.equal(
      totalBytes,
      Object.values(expected).reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
    assert.deepEqual(await namesOf(tensors), Object.keys(expected).sort());
  }
  for (const [name, { lastModified, size }] of model.identity) {
    const status = statSync(`${storiesPath}${name}`);
    assert.deepEqual([lastModified, size], [status.mtimeMs, status.size]);
  }
  assert.equal(model.identity.size, 5);
  assert.deepEqual(model.notices, []);
});

test('a folder whose tokenizer is a tokenizer.model alone says so', async () => {
  const files = { ...filesOf(fixturePath('odd-66')), 'tokenizer.model': new Uint8Array([10, 5]) };
  const model = await opened(files);
  await assert.rejects(model.readDescription(), {
    code: 'unsupported-tokenizer',
    message: /tokenizer\.model alone.*save_pretrained/,
  });
});

test('a folder of shards, in memory', async () => {
  const files = filesOf(fixturePath('odd-66'));
  const model = await opened(files);
  const index = JSON.parse(new TextDecoder().decode(files['model.safetensors.index.json']));
  const { names, totalBytes, tensors } = await model.openWeights();
  assert.deepEqual([...names].sort(), Object.keys(index.weight_map).sort());
  assert.equal(totalBytes, index.metadata.total_size);
  assert.deepEqual(await namesOf(tensors), [...names].sort());
  assert.equal(model.identity.size, 0, 'of bytes nothing is known');
  const { tokenizer } = await model.readDescription();
  assert.equal(tokenizer, null);
});
