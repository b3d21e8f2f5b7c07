// What loading a model would take, told by its headers: beside what it then takes.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LanguageModel } from 'sotto';
import { makeFile } from '../formats/make-safetensors.mjs';
import { filesHandler, serve } from '../sources/file-server.mjs';
import { fileOfTensors, takeApart, tensorsOf, zeroModel } from './make-weights.mjs';
import { filesOf, fixtureNames, fixturePath, jsonBytes, sottoError, storiesPath } from './support.mjs';

const WEIGHTS = ['auto', 'f32', 'q8', 'q4'];
const MIB = 1 << 20;

/** That a number is what it was said to be, but for 5 %. */
function assertNear(estimated, actual, what) {
  assert.ok(Math.abs(estimated - actual) <= 0.05 * actual, `${what}: ${estimated}, and it is ${actual}`);
}

/** That each estimate of a source is what the engine then takes, when loaded and at its highest. */
async function assertTrue(source, name, options = {}) {
  for (const weights of WEIGHTS) {
    const what = `${name} in ${weights}`;
    const estimate = await LanguageModel.estimate(source, { weights, ...options });
    const model = await LanguageModel.load(source, { weights, ...options });
    const { info } = model;
    const { bytesInUse, peakBytes } = await model.memory();
    await model.dispose();
    assert.equal(estimate.weights, info.weights, what);
    assert.equal(estimate.memory.weights, info.weightBytes, what);
    assertNear(estimate.memory.total - estimate.memory.context, bytesInUse, `${what}, loaded`);
    assertNear(estimate.memory.peak, peakBytes, `${what}, peak`);
    assert.equal(estimate.fits, true, what);
    for (const name of ['architecture', 'contextLength', 'nParameters']) {
      assert.equal(estimate[name], info[name], `${what}: ${name}`);
    }
    const { weights: kept, memory, fits } = estimate;
    assert.deepEqual(estimate.byWeights[weights], { weights: kept, memory, fits });
  }
}

const families = readdirSync(fixturePath('families')).filter((name) =>
  existsSync(`${fixturePath(`families/${name}`)}config.json`),
);

test('estimates of folders are true', async () => {
  await assertTrue(storiesPath, 'tiny-stories');
  for (const name of fixtureNames) await assertTrue(fixturePath(name), name);
  for (const name of families) await assertTrue(fixturePath(`families/${name}`), name);
});

test('estimates of GGUF files are true', async () => {
  const withGguf = families.filter((name) => existsSync(`${fixturePath(`families/${name}`)}model.gguf`));
  assert.ok(withGguf.length > 10);
  for (const name of withGguf) await assertTrue(`${fixturePath(`families/${name}`)}model.gguf`, name);
});

test('estimates of a table that stays in its file where that has a path, and not from memory, are true', async () => {
  const folder = fixturePath('families/gemma4_text-gguf');
  const gguf = readFileSync(`${folder}model.gguf`);
  await assertTrue(filesOf(folder), 'a folder in memory');
  await assertTrue(gguf, 'a GGUF file in memory');
  const inMemory = await LanguageModel.estimate(gguf, { weights: 'q8' });
  const onDisk = await LanguageModel.estimate(`${folder}model.gguf`, { weights: 'q8' });
  assert.ok(onDisk.memory.weights < inMemory.memory.weights);
});

test('estimates of quantised GGUF files are true', async (t) => {
  const folder = fileURLToPath(new URL('../../../shared/models/data/gguf-quants/', import.meta.url));
  if (!existsSync(folder)) return t.skip('there is no ../shared/models/data/gguf-quants');
  for (const name of readdirSync(folder)) await assertTrue(`${folder}${name}/model.gguf`, name);
});

test('estimates for several threads and for other binaries are true', async () => {
  await assertTrue(storiesPath, 'two threads', { threads: 2 });
  await assertTrue(storiesPath, 'plain SIMD', { variant: 'simd' });
});

test('the context is what a full text takes', async () => {
  for (const weights of ['f32', 'q8']) {
    const { memory } = await LanguageModel.estimate(storiesPath, { weights });
    const short = await LanguageModel.estimate(storiesPath, { weights, contextLength: 40 });
    const model = await LanguageModel.load(storiesPath, { weights });
    for (const [length, { context, total }] of [
      [model.info.contextLength, memory],
      [40, short.memory],
    ]) {
      const before = (await model.memory()).bytesInUse;
      const session = await model.createSession();
      await session.append(Array.from({ length }, (_, i) => i + 10));
      const { bytesInUse } = await model.memory();
      assertNear(total, bytesInUse, `${weights}, ${length} tokens, all`);
      assert.ok(bytesInUse - before <= context * 1.05, `${bytesInUse - before} of ${context}`);
      assert.ok(bytesInUse - before > context * 0.8, `${bytesInUse - before} of ${context}`);
      await session.dispose();
    }
    await model.dispose();
  }
});

test('of long windows the context is the most that it can be', async () => {
  const config = { n_positions: 8192, n_embd: 64, n_head: 4, n_layer: 1, vocab_size: 50 };
  const files = zeroModel(config);
  const usual = await LanguageModel.estimate(files, { weights: 'f32' });
  assert.equal(usual.contextLength, 8192);
  assertNear(usual.memory.context, 4096 * 2 * 64 * 4, 'so many positions are the default');
  const whole = await LanguageModel.estimate(files, { weights: 'f32', contextLength: 8192 });
  assertNear(whole.memory.context, 2 * usual.memory.context, 'twice as many');
  await assert.rejects(
    LanguageModel.estimate(files, { contextLength: 8193 }),
    sottoError('bad-option', /contextLength.*8192/),
  );
});

/** Files of a model over HTTP, with the names of those that were asked for. */
async function serveCounted(t, files) {
  const asked = new Set();
  const handle = filesHandler(inFolder(files));
  const url = await serve(t, (request, response, address) => {
    asked.add(address.pathname.split('/').at(-1));
    handle(request, response, address);
  });
  return { url: `${url}/models/m/`, asked };
}

const inFolder = (files) =>
  Object.fromEntries(Object.entries(files).map(([name, file]) => [`m/${name}`, file]));

test('downloadBytes are those of the files that load asks for', async (t) => {
  const tensors = tensorsOf(filesOf(storiesPath)['model.safetensors']);
  const names = Object.keys(tensors);
  const shard = (part) => fileOfTensors(Object.fromEntries(part.map((name) => [name, tensors[name]])));
  const shards = {
    'model.safetensors': null,
    'model-1.safetensors': shard(names.slice(0, 20)),
    'model-2.safetensors': shard(names.slice(20)),
    'model.safetensors.index.json': {
      weight_map: Object.fromEntries(names.map((name, i) => [name, `model-${i < 20 ? 1 : 2}.safetensors`])),
    },
  };
  const jinja = { 'chat_template.jinja': jsonBytes('{{ messages[0].content }}') };
  const older = { 'special_tokens_map.json': {}, 'added_tokens.json': {} };
  for (const replaced of [{}, shards, jinja, { 'tokenizer.json': null }, older]) {
    const files = filesOf(storiesPath, replaced);
    files['notes.json'] = jsonBytes('{}');
    const { url, asked } = await serveCounted(t, files);
    const { downloadBytes, memory } = await LanguageModel.estimate(url);
    asked.clear();
    const model = await LanguageModel.load(url);
    const read = [...asked].filter((name) => name in files);
    assert.equal(
      downloadBytes,
      read.reduce((sum, name) => sum + files[name].length, 0),
      Object.keys(replaced).join(),
    );
    assert.equal(memory.weights, model.info.weightBytes);
    await model.dispose();
    const inMemory = await LanguageModel.estimate(files);
    assert.equal(inMemory.downloadBytes, downloadBytes);
  }
});

test('sizes that a server does not tell are found out', async (t) => {
  const files = filesOf(storiesPath);
  const { downloadBytes } = await LanguageModel.estimate(files);
  const url = await serve(t, (_, response, { pathname }) => {
    const file = files[pathname.slice(1)];
    if (file === undefined) response.writeHead(404);
    else response.write(file);
    response.end();
  });
  assert.equal((await LanguageModel.estimate(`${url}/`)).downloadBytes, downloadBytes);
});

/** A Llama of 8 billion weights: its configuration, and a header without what it describes. */
function largeModel() {
  const [hidden, inner, layers, vocab] = [4096, 14_336, 32, 128_256];
  const config = {
    model_type: 'llama',
    hidden_act: 'silu',
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    max_position_embeddings: 131_072,
    rms_norm_eps: 1e-5,
    rope_theta: 500_000,
    tie_word_embeddings: false,
    vocab_size: vocab,
  };
  const shapes = { 'model.embed_tokens': [vocab, hidden], 'model.norm': [hidden], lm_head: [vocab, hidden] };
  for (let layer = 0; layer < layers; layer++) {
    const inLayer = {
      input_layernorm: [hidden],
      post_attention_layernorm: [hidden],
      'self_attn.q_proj': [hidden, hidden],
      'self_attn.k_proj': [hidden / 4, hidden],
      'self_attn.v_proj': [hidden / 4, hidden],
      'self_attn.o_proj': [hidden, hidden],
      'mlp.gate_proj': [inner, hidden],
      'mlp.up_proj': [inner, hidden],
      'mlp.down_proj': [hidden, inner],
    };
    for (const [name, shape] of Object.entries(inLayer)) shapes[`model.layers.${layer}.${name}`] = shape;
  }
  const header = {};
  let end = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const begin = end;
    end += 2 * shape.reduce((product, size) => product * size);
    header[`${name}.weight`] = { dtype: 'BF16', shape, data_offsets: [begin, end] };
  }
  const beginning = makeFile(header, new Uint8Array(0));
  return { config: jsonBytes(config), beginning, size: beginning.length + end };
}

test('of a model that is too large nothing but headers is read', async (t) => {
  const { config, beginning, size } = largeModel();
  let sent = 0;
  const url = await serve(t, (_, response, { pathname }) => {
    if (pathname === '/config.json') return response.end(config);
    if (pathname !== '/model.safetensors') return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': size });
    response.write(beginning);
    const zeros = new Uint8Array(MIB);
    const send = () => {
      if (response.destroyed || sent > 256 * MIB) return;
      sent += zeros.length;
      response.write(zeros, send);
    };
    send();
  });
  const estimate = await LanguageModel.estimate(`${url}/`);
  assert.ok(sent < 64 * MIB, `${sent} bytes were sent`);
  assert.equal(estimate.downloadBytes, size + config.length);
  assert.equal(estimate.nParameters, 8_030_261_248);
  assert.equal(estimate.weights, 'q4');
  assert.equal(estimate.fits, false);
  const perWeight = estimate.byWeights.f32.memory.weights / estimate.nParameters;
  assert.ok(perWeight > 4 && perWeight < 4.4, `${perWeight} bytes a weight: panels that are not full`);
  assertNear(estimate.byWeights.q8.memory.weights, (34 / 32) * estimate.nParameters, 'q8');
  assertNear(estimate.byWeights.q4.memory.weights, (18 / 32) * estimate.nParameters, 'q4');
  const keysAndValues = (bytes) => 4096 * 2 * 32 * 1024 * bytes;
  assertNear(estimate.byWeights.f32.memory.context, keysAndValues(4), 'f32');
  assertNear(estimate.byWeights.q4.memory.context, keysAndValues(1 + 4 / 128), 'q4');
  const long = await LanguageModel.estimate(`${url}/`, { contextLength: 131_072 });
  assertNear(long.byWeights.f32.memory.context, 32 * keysAndValues(4), 'more than 4 GiB');
  await assert.rejects(LanguageModel.load(`${url}/`), sottoError('out-of-memory', /8030261248 weights/));
});

test('load refuses what cannot fit before it asks for the weights, and says what would', async (t) => {
  const files = filesOf(storiesPath);
  const { url, asked } = await serveCounted(t, files);
  const { byWeights } = await LanguageModel.estimate(url);
  assert.ok(byWeights.f32.memory.peak > byWeights.q8.memory.peak);
  assert.ok(byWeights.q8.memory.peak > byWeights.q4.memory.peak);
  const limits = {
    f32: byWeights.f32.memory.peak - 2 * MIB,
    q8: Math.ceil((byWeights.q8.memory.peak + byWeights.q4.memory.peak) / 2),
    q4: byWeights.q4.memory.peak - MIB,
  };
  const advice = {
    f32: /'q8' \(\d+ bytes\) or weights: 'q4'/,
    q8: /Load it with weights: 'q4' \(\d+ bytes\), or allow more \(memoryLimit\)/,
    q4: /Choose a smaller model, or allow more/,
  };
  for (const [weights, memoryLimit] of Object.entries(limits)) {
    asked.clear();
    const refused = LanguageModel.load(url, { weights, memoryLimit });
    await assert.rejects(refused, sottoError('out-of-memory', advice[weights]), weights);
    await assert.rejects(
      refused,
      sottoError('out-of-memory', new RegExp(`memoryLimit allows ${memoryLimit}`)),
    );
    assert.equal(asked.has('model.safetensors'), false);
    const { fits } = await LanguageModel.estimate(url, { weights, memoryLimit });
    assert.equal(fits, false);
  }
});

test('what fits loads, within so much memory', async () => {
  for (const source of [storiesPath, fixturePath('odd-60')]) {
    for (const weights of WEIGHTS) {
      const { memory, byWeights } = await LanguageModel.estimate(source, { weights });
      const memoryLimit = Math.ceil(1.02 * Math.max(memory.peak, memory.total));
      const estimate = await LanguageModel.estimate(source, { weights, memoryLimit });
      assert.equal(estimate.fits, true);
      assert.deepEqual(estimate.memory, byWeights[weights].memory);
      const model = await LanguageModel.load(source, { weights, memoryLimit });
      const { contextLength } = model.info;
      const session = await model.createSession();
      await session.append(Array.from({ length: contextLength }, (_, i) => (i * 7) % 60));
      await model.dispose();
    }
  }
});

test('it works in a thread of its own, and leaves nothing behind', async () => {
  const here = await LanguageModel.estimate(storiesPath, { worker: false });
  const there = await LanguageModel.estimate(storiesPath, { worker: true });
  assert.deepEqual(there, here);
  assert.equal(there.storedBytes, 0);
});

test('what is wrong is told as load tells it', async () => {
  const rejects = (source, options, code, message) =>
    assert.rejects(LanguageModel.estimate(source, options), sottoError(code, message));
  await rejects(storiesPath, { contextLength: 0 }, 'bad-option', /contextLength/);
  await rejects(storiesPath, { weights: 'q5' }, 'bad-option', /weights/);
  await rejects(storiesPath, { maxNewTokens: 3 }, 'unknown-option', /maxNewTokens/);
  await rejects(3, {}, 'bad-option', /source/);
  await rejects(filesOf(storiesPath, { 'config.json': null }), {}, 'file-not-found', /config\.json/);
  await rejects(filesOf(storiesPath, { 'model.safetensors': null }), {}, 'file-not-found', /safetensors/);
  const { header, data } = takeApart(filesOf(storiesPath)['model.safetensors']);
  const [name] = Object.keys(header).filter((each) => /mlp.*weight/.test(each));
  header[name].shape.reverse();
  const turned = filesOf(storiesPath, { 'model.safetensors': makeFile(header, data) });
  await rejects(turned, {}, 'bad-tensor', /shape/);
  const reason = new Error('enough');
  await assert.rejects(LanguageModel.estimate(storiesPath, { signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const aborted = LanguageModel.estimate(storiesPath, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(aborted, reason);
});

test('bytes are lent for an estimate, and stay', async () => {
  const files = filesOf(storiesPath);
  const gguf = new Uint8Array(readFileSync(`${fixturePath('families/llama-llama3')}model.gguf`));
  const { downloadBytes } = await LanguageModel.estimate(files, { worker: true });
  assert.ok(downloadBytes > files['model.safetensors'].length);
  assert.equal((await LanguageModel.estimate(gguf)).downloadBytes, gguf.length);
  assert.ok(files['model.safetensors'].length > 0 && gguf.length > 0);
});
