import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chooseHubFiles } from '../../build/web/sources/hub-choice.js';

const GIB = 2 ** 30;

/** What is chosen among files with these sizes in GiB. */
function choice(sizes, { wanted = null, memory = 4 } = {}) {
  const files = new Map(Object.entries(sizes).map(([name, size]) => [name, { size: size * GIB }]));
  return chooseHubFiles(files, wanted, { id: 'a/b', memory: memory * GIB }).gguf;
}

const SMALL = {
  'm-F16.gguf': 1.2,
  'm-Q8_0.gguf': 0.7,
  'm-Q6_K.gguf': 0.6,
  'm-Q4_K_M.gguf': 0.4,
  'm-Q2_K.gguf': 0.2,
};
const LARGE = {
  'm-Q8_0.gguf': 7,
  'm-Q6_K.gguf': 5.5,
  'm-Q4_K_M.gguf': 4.2,
  'm-Q3_K_M.gguf': 3.3,
  'm-Q2_K.gguf': 2.8,
};

test('the best GGUF file is what fits into the memory and loses least', () => {
  assert.equal(choice(SMALL), 'm-Q8_0.gguf');
  assert.equal(choice(SMALL, { memory: 0.6 }), 'm-Q4_K_M.gguf');
  assert.equal(choice(SMALL, { memory: 0.3 }), 'm-Q2_K.gguf');
  assert.equal(choice(SMALL, { memory: 0.1 }), 'm-Q2_K.gguf', 'which loading refuses, with the numbers');
  assert.equal(choice(LARGE), 'm-Q3_K_M.gguf');
  assert.equal(choice(LARGE, { memory: 3.5 }), 'm-Q2_K.gguf');
  assert.equal(
    choice({ 'm-Q8_0.gguf': 1.8, 'm-Q4_K_M.gguf': 1 }),
    'm-Q4_K_M.gguf',
    'not the best at any size',
  );
  assert.equal(
    choice({ 'm-TQ1_0.gguf': 0.3, 'm-BF16.gguf': 2 }),
    'm-BF16.gguf',
    'of none of the usual types',
  );
});

test('config.json with safetensors comes first, a type that is asked for before it', () => {
  const both = { ...SMALL, 'config.json': 0, 'model.safetensors': 1.2 };
  assert.equal(choice(both), null);
  assert.equal(choice({ ...SMALL, 'config.json': 0 }), 'm-Q8_0.gguf');
  assert.equal(choice(both, { wanted: 'q6_k' }), 'm-Q6_K.gguf');
  assert.equal(choice(LARGE, { wanted: 'Q8_0' }), 'm-Q8_0.gguf', 'whatever the memory');
  assert.throws(() => choice(both, { wanted: 'Q5_0' }), {
    code: 'file-not-found',
    message: /it has m-F16\.gguf/,
  });
  assert.throws(() => choice({ 'config.json': 0 }, { wanted: 'Q5_0' }), { message: /it has none at all/ });
});

test('parts are one model, and what is none does not count', () => {
  const parts = {
    'm-Q8_0-00001-of-00002.gguf': 1,
    'm-Q8_0-00002-of-00002.gguf': 1,
    'm-Q4_K_M-00001-of-00002.gguf': 0.5,
    'm-Q4_K_M-00002-of-00002.gguf': 0.5,
    'mmproj-Q8_0.gguf': 0.1,
    'm.imatrix.gguf': 0.1,
  };
  assert.equal(choice(parts), 'm-Q4_K_M-00001-of-00002.gguf');
  assert.equal(choice(parts, { wanted: 'Q8_0' }), 'm-Q8_0-00001-of-00002.gguf');
});
