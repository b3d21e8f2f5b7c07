import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerViolations } from './layers.mjs';
import { repositoryFiles, textOf } from './repository.mjs';

const ours = () =>
  new Map([...repositoryFiles('src/'), ...repositoryFiles('web/')].map((path) => [path, textOf(path)]));

test('src/ and web/ keep to their layers', () => {
  const files = ours();
  assert.ok(files.has('src/model/decoder.cc') && files.has('web/index.ts'));
  assert.deepEqual(layerViolations(files), []);
});

/** Lines that break a rule, planted at the head of a file, with a part of what must be said. */
const PLANTED = [
  ['src/kernels/linear/xnnpack.cc', '#include "model/decoder.h"', 'kernels may not know model'],
  ['src/base/arena.h', '#include "tensor/dtype.h"', 'base may not know tensor'],
  ['src/model/decoder.cc', '#include "sampling/sampler.h"', 'model may not know sampling'],
  ['src/sampling/sampler.cc', '#include "model/decoder.h"', 'sampling may not know model'],
  ['src/engine/session.cc', '  #  include "bindings/values.h"', 'engine may not know bindings'],
  ['src/model/matrix.cc', '#include <xnnpack.h>', 'includes xnnpack.h'],
  ['src/engine/model.cc', '#include <emscripten/val.h>', 'includes emscripten/val.h'],
  ['src/extras/new.cc', '#include "base/check.h"', 'has no place'],
  [
    'web/formats/safetensors.ts',
    "import { open } from '../sources/open.js';",
    'formats may not know sources',
  ],
  [
    'web/text/tokenizer.ts',
    "import type { ModelInfo } from '../worker/serve.js';",
    'text may not know worker',
  ],
  ['web/results/errors.ts', "import {\n  a,\n  b,\n} from '../page/client.js';", 'results may not know page'],
  [
    'web/options/load-options.ts',
    "import { a } from '../protocol/protocol.js';",
    'options may not know protocol',
  ],
  [
    'web/loading/load-model.ts',
    "import { a } from '../generation/beams.js';",
    'loading may not know generation',
  ],
  ['web/generation/beams.ts', "import { a } from '../worker/serve.js';", 'generation may not know worker'],
  ['web/loose.ts', "import { a } from './index.js';", 'has no place'],
  ['web/engine/engine.ts', "import { mapGpt2 } from '../architectures/gpt2.js';", 'but for its types'],
  ['web/worker/serve.ts', "import create from '../wasm/plain.js';", 'worker may not know wasm'],
  ['web/sources/url.ts', "const late = import('../engine/engine.js');", 'sources may not know engine'],
  ['web/page/client.ts', "import { Engine } from '../engine/engine.js';", "the page's side loads"],
  ['web/index.ts', "import './worker/serve.js';", "the page's side loads"],
  ['web/index.ts', 'export const answer = 42;', 'more than exports'],
  ['web/edge.ts', 'export const answer = 42;', 'more than exports'],
];

for (const [path, line, complaint] of PLANTED) {
  test(`a planted violation is found: ${line.replaceAll('\n', ' ')} in ${path}`, () => {
    const files = ours();
    files.set(path, `${line}\n${files.get(path) ?? ''}`);
    const found = layerViolations(files);
    assert.ok(
      found.some((sentence) => sentence.includes(complaint)),
      `expected "${complaint}" in ${JSON.stringify(found)}`,
    );
  });
}

test('importing types alone is seen as such', () => {
  const files = ours();
  const line = "import { type A, type B } from '../architectures/decoder-config.js';";
  files.set('web/engine/engine.ts', `${line}\n${files.get('web/engine/engine.ts')}`);
  assert.deepEqual(layerViolations(files), []);
});
