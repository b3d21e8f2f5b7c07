import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openSource } from '../../build/web/sources/open.js';
import { openRequired } from '../../build/web/sources/source.js';
import { readToEnd } from './conformance.mjs';

function sourceOf(paths) {
  const files = paths.map((path, i) => ({ path, blob: new Blob([`${i} ${path}`]) }));
  return openSource({ kind: 'files', files });
}

async function textOf(file) {
  return new TextDecoder().decode(await readToEnd(file));
}

test('a folder with variants in subfolders gives the model at its top, and nothing of the others', async () => {
  const source = await sourceOf([
    'gpt2/onnx/config.json',
    'gpt2/onnx/tokenizer.json',
    'gpt2/config.json',
    'gpt2/64.safetensors',
    'gpt2/generation_config.json',
  ]);
  assert.equal(await textOf(await source.open('config.json')), '2 gpt2/config.json');
  assert.equal(await textOf(await source.open('onnx/config.json')), '0 gpt2/onnx/config.json');
  assert.equal(await source.open('tokenizer.json'), null);
});

test('two models, or a file twice, are refused', async () => {
  await assert.rejects(sourceOf(['a/config.json', 'b/config.json']), {
    name: 'SottoError',
    code: 'bad-option',
    message: /two of the given files could be config.json: a\/config.json and b\/config.json/,
  });
  const source = await sourceOf(['config.json', 'model.safetensors', 'model.safetensors']);
  await assert.rejects(source.open('model.safetensors'), {
    code: 'bad-option',
    message: /could be model.safetensors/,
  });
  assert.equal(await textOf(await source.open('config.json')), '0 config.json');
});

test('what is missing is told with what was given', async () => {
  const source = await sourceOf(['gpt2/tokenizer.json', 'gpt2/my-config.json']);
  await assert.rejects(openRequired(source, 'config.json'), {
    code: 'file-not-found',
    message: /no config.json among the 2 given files \(gpt2\/tokenizer.json, gpt2\/my-config.json\)/,
  });
  const memory = await openSource({ kind: 'memory', files: { 'weights.bin': new Uint8Array(1) } });
  await assert.rejects(openRequired(memory, 'config.json'), {
    code: 'file-not-found',
    message: /no config.json among the given 1 files \(weights.bin\)/,
  });
});

test('a file that cannot be read any more', async () => {
  let thrown = new DOMException('gone', 'NotReadableError');
  const blob = new Blob(['0123456789']);
  blob.slice = () => ({ arrayBuffer: () => Promise.reject(thrown) });
  for (const spec of [
    { kind: 'files', files: [{ path: 'config.json', blob }] },
    { kind: 'memory', files: { 'config.json': blob } },
  ]) {
    const file = await (await openSource(spec)).open('config.json');
    const message = /config.json cannot be read any more \(gone\); choose it again/;
    await assert.rejects(readToEnd(file), { name: 'SottoError', code: 'bad-file', message });
    thrown = 'gone';
  }
});

test('an object holds only its own names', async () => {
  const source = await openSource({ kind: 'memory', files: {} });
  for (const name of ['constructor', '__proto__', 'toString']) assert.equal(await source.open(name), null);
});
