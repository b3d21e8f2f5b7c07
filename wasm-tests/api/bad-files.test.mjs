import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { changedConfig, filesOf, fixturePath, jsonBytes, load, serveFiles, sottoError, storiesPath } from './support.mjs';

const folder = fixturePath('odd-60');
const weights = new Uint8Array(await readFile(`${folder}model.safetensors`));

/** A GPT-2 whose weights are all zero, of any shape. */
function zeroModel(config) {
  const { n_positions, n_embd: width, n_layer, vocab_size } = config;
  const shapes = { 'wte.weight': [vocab_size, width], 'wpe.weight': [n_positions, width], 'ln_f.weight': [width], 'ln_f.bias': [width] };
  const linear = { 'attn.c_attn': 3 * width, 'attn.c_proj': width, 'mlp.c_fc': 4 * width };
  for (let layer = 0; layer < n_layer; layer++) {
    for (const name of ['ln_1', 'ln_2']) {
      shapes[`h.${layer}.${name}.weight`] = [width];
      shapes[`h.${layer}.${name}.bias`] = [width];
    }
    for (const [name, columns] of Object.entries({ ...linear, 'mlp.c_proj': width })) {
      shapes[`h.${layer}.${name}.weight`] = [name === 'mlp.c_proj' ? 4 * width : width, columns];
      shapes[`h.${layer}.${name}.bias`] = [columns];
    }
  }
  let end = 0;
  const header = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const begin = end;
    end += 4 * shape.reduce((product, size) => product * size);
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
  }
  return {
    'config.json': jsonBytes({ model_type: 'gpt2', activation_function: 'gelu_new', ...config }),
    'model.safetensors': putTogether(header, new Uint8Array(end)),
  };
}

/** A safetensors file taken apart: its header as an object, and the bytes behind it. */
function takeApart(bytes) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))), data: bytes.subarray(8 + length) };
}

function putTogether(header, data) {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

/** The weights with a changed header. */
function withHeader(change) {
  const { header, data } = takeApart(weights);
  change(header);
  return putTogether(header, data);
}

/** The weights without a tensor, and without its bytes. */
function without(name) {
  const { header, data } = takeApart(weights);
  const [begin, end] = header[name].data_offsets;
  delete header[name];
  for (const { data_offsets } of Object.values(header)) {
    if (data_offsets?.[0] >= end) for (const i of [0, 1]) data_offsets[i] -= end - begin;
  }
  const rest = new Uint8Array(data.length - (end - begin));
  rest.set(data.subarray(0, begin));
  rest.set(data.subarray(end), begin);
  return putTogether(header, rest);
}

function withHeaderLength(length) {
  const bytes = weights.slice();
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
}

const wte = 'transformer.wte.weight';
const badWeights = [
  ['empty', new Uint8Array(), 'bad-file', /model\.safetensors/],
  ['cut within the length of the header', weights.slice(0, 5), 'bad-file', /model\.safetensors/],
  ['cut within the header', weights.slice(0, 300), 'bad-file', /model\.safetensors/],
  ['cut within the tensors', weights.slice(0, -1000), 'bad-file', /model\.safetensors/],
  ['with bytes behind the tensors', Uint8Array.from([...weights, 0, 0, 0, 0]), 'bad-file', /model\.safetensors/],
  ['with a header of length 0', withHeaderLength(0n), 'bad-file', /header/],
  ['with a header longer than the file', withHeaderLength(BigInt(weights.length)), 'bad-file', /header/],
  ['with a header of 2^64 - 1 bytes', withHeaderLength(2n ** 64n - 1n), 'bad-file', /header/],
  ['with a header that is no JSON', withHeaderLength(500n), 'bad-file', /header|JSON/],
  ['with offsets behind the end', withHeader((h) => h[wte].data_offsets.fill(2 ** 50)), 'bad-file', /wte/],
  ['with offsets that overlap', withHeader((h) => { h[wte].data_offsets = h['transformer.wpe.weight'].data_offsets; }), 'bad-file', /wte|wpe/],
  ['with a shape that overflows', withHeader((h) => { h[wte].shape = [2 ** 40, 2 ** 40]; }), 'bad-file', /wte/],
  ['with a shape that is not that of the bytes', withHeader((h) => { h[wte].shape = [1003, 61]; }), 'bad-file', /wte/],
  ['with a tensor of another shape', withHeader((h) => h[wte].shape.reverse()), 'bad-tensor', /wte\.weight \[60, 1003\].*1003, 60/],
  ['with a tensor of a type that is no weight type', withHeader((h) => { h[wte].dtype = 'I32'; }), 'unsupported-model', /wte.*I32.*F32/],
  ['without a tensor', without('transformer.h.1.mlp.c_fc.weight'), 'missing-tensor', /layers\.1\.mlp\.up\.weight/],
  ['with a tensor that does not belong there', withHeader((h) => {
    h['transformer.h.7.ln_1.weight'] = h['transformer.ln_f.weight'];
    delete h['transformer.ln_f.weight'];
  }), 'unsupported-model|bad-tensor', /h\.7\.ln_1/],
];
for (const [what, bytes, codes, message] of badWeights) {
  test(`weights ${what} are refused`, async () => {
    const loading = LanguageModel.load(filesOf(folder, { 'model.safetensors': bytes }));
    await assert.rejects(loading, (error) => sottoError(codes.split('|').find((code) => code === error.code) ?? codes, message)(error));
  });
}

test('weights that hold NaN are refused when they give no logits', async (t) => {
  const { header, data } = takeApart(weights.slice());
  const [begin] = header['transformer.ln_f.weight'].data_offsets;
  data.set([0, 0, 0xc0, 0x7f], begin);
  const model = await load(t, filesOf(folder, { 'model.safetensors': putTogether(header, data) }));
  await assert.rejects(model.generate([1]).result, sottoError('bad-file', /finite/));
  await assert.rejects(model.generate([1], { temperature: 1 }).result, sottoError('bad-file', /finite/));
  assert.equal((await model.memory()).kvPages, 0);
});

const badConfigs = [
  ['no JSON', '{', 'bad-file', /config\.json/],
  ['no object', '[]', 'bad-file', /config\.json/],
  ['an unknown architecture', { model_type: 'mamba', architectures: ['MambaForCausalLM'] }, 'unsupported-model', /mamba.*gpt2/s],
  ['no architecture', {}, 'unsupported-model', /config\.json/],
  ['a billion layers', changedConfig('odd-60', { n_layer: 1e9 }), 'bad-config', /n_layer.*1000000000/],
  ['no layers', changedConfig('odd-60', { n_layer: 0 }), 'bad-config', /n_layer/],
  ['half a layer', changedConfig('odd-60', { n_layer: 1.5 }), 'bad-config', /n_layer/],
  ['negative sizes', changedConfig('odd-60', { n_embd: -60 }), 'bad-config', /n_embd/],
  ['sizes that are no numbers', changedConfig('odd-60', { vocab_size: 'many' }), 'bad-config', /vocab_size/],
  ['heads that do not divide the width', changedConfig('odd-60', { n_head: 7 }), 'bad-config', /n_head/],
  ['an activation that is not known', changedConfig('odd-60', { activation_function: 'swish' }), 'unsupported-model', /swish/],
  ['weights that fit into no memory', changedConfig('odd-60', { n_embd: 15360, n_head: 5, n_layer: 100 }), 'out-of-memory', /room for \d+ MiB/],
  ['another number of layers than the weights', changedConfig('odd-60', { n_layer: 4 }), 'missing-tensor', /layers\.3/],
  ['another width than the weights', changedConfig('odd-60', { n_embd: 65 }), 'bad-tensor', /60/],
];
for (const [what, config, code, message] of badConfigs) {
  test(`a config.json with ${what} is refused`, async () => {
    await assert.rejects(LanguageModel.load(filesOf(folder, { 'config.json': config })), sottoError(code, message));
  });
}

const badGenerationConfigs = [
  ['no JSON', 'eos', 'bad-file', /generation_config\.json/],
  ['no object', '[1]', 'bad-file', /generation_config\.json/],
  ['an end token that is none', { eos_token_id: 'end' }, 'bad-config', /eos_token_id is "end"/],
  ['a temperature below 0', { do_sample: true, temperature: -1 }, 'bad-config', /temperature is -1/],
  ['a top_p above 1', { do_sample: true, top_p: 2 }, 'bad-config', /top_p is 2/],
  ['no new tokens', { max_new_tokens: 0 }, 'bad-config', /max_new_tokens is 0/],
];
for (const [what, config, code, message] of badGenerationConfigs) {
  test(`a generation_config.json with ${what} is refused`, async () => {
    await assert.rejects(LanguageModel.load(filesOf(folder, { 'generation_config.json': config })), sottoError(code, message));
  });
}

test('tokenizers that are damaged or not known are refused', async () => {
  const load = (tokenizer) => LanguageModel.load(filesOf(storiesPath, { 'tokenizer.json': tokenizer }));
  await assert.rejects(load('{"model":'), sottoError('bad-file', /tokenizer\.json/));
  const json = JSON.parse(await readFile(`${storiesPath}/tokenizer.json`, 'utf8'));
  await assert.rejects(load({ ...json, model: { ...json.model, type: 'Hieroglyphs' } }), sottoError('unsupported-tokenizer', /tokenizer\.json/));
});

for (const missing of ['config.json', 'model.safetensors']) {
  test(`a missing ${missing} is refused, wherever the files come from`, async (t) => {
    const files = filesOf(folder, { [missing]: null });
    const { url } = await serveFiles(t, files);
    const blobs = Object.entries(files).map(([name, bytes]) => new File([bytes], name));
    for (const source of [files, url, blobs]) {
      await assert.rejects(LanguageModel.load(source), sottoError('file-not-found', new RegExp(missing.replace('.', '\\.'))));
    }
  });
}

test('a missing folder is refused', async () => {
  await assert.rejects(LanguageModel.load('no/such/folder'), sottoError('file-not-found', /config\.json/));
  await assert.rejects(LanguageModel.load(new URL('file:///no/such/folder/')), sottoError('file-not-found', /config\.json/));
});

test('a missing shard is refused, and so is an index that leads outside', async () => {
  const shards = fixturePath('odd-66');
  const files = filesOf(shards);
  const [first] = Object.keys(files).filter((name) => name.includes('-of-'));
  const missing = LanguageModel.load(filesOf(shards, { [first]: null }));
  await assert.rejects(missing, sottoError('file-not-found', /model-0000\d-of-00003/));
  const index = { weight_map: { 'transformer.wte.weight': '../secret.safetensors' } };
  const outside = LanguageModel.load(filesOf(shards, { 'model.safetensors.index.json': index }));
  await assert.rejects(outside, (error) => ['bad-file', 'file-not-found'].includes(error.code));
});

test('a connection that is cut half way is told, and loading works when it is tried again', async (t) => {
  const files = filesOf(folder);
  let cuts = 2;
  const cutHalfWay = (response) => {
    response.writeHead(200, { 'content-length': weights.length });
    if (cuts-- <= 0) return response.end(weights);
    response.write(weights.subarray(0, weights.length / 2), () => setTimeout(() => response.destroy(), 20));
  };
  const { url } = await serveFiles(t, { ...files, 'model.safetensors': cutHalfWay });
  for (const worker of [false, true]) {
    await assert.rejects(LanguageModel.load(url, { worker }), sottoError('network', /cut after \d+ of \d+ bytes/));
  }
  const model = await load(t, url);
  assert.equal((await model.generate([1], { maxNewTokens: 2 }).result).tokenIds.length, 2);
});

test('a server in trouble is told, and so is none', async (t) => {
  const { url } = await serveFiles(t, { 'config.json': (response) => response.writeHead(503).end() });
  await assert.rejects(LanguageModel.load(url), sottoError('network', /503/));
  await assert.rejects(LanguageModel.load('http://127.0.0.1:1/model/'), sottoError('network', /127\.0\.0\.1:1/));
});

test('a model that does not fit into memoryLimit is refused', async (t) => {
  await assert.rejects(LanguageModel.load(storiesPath, { memoryLimit: 4 << 20 }), sottoError('out-of-memory', /bytes/));
  const model = await load(t, storiesPath, { memoryLimit: 64 << 20 });
  assert.ok((await model.memory()).peakBytes < 64 << 20);
});

test('a generation for which the memory does not suffice fails, and the model lives on', async (t) => {
  const files = zeroModel({ n_positions: 8192, n_embd: 64, n_head: 4, n_layer: 1, vocab_size: 50 });
  const { peakBytes, bytesInUse } = await (await load(t, files)).memory();
  const pageBytes = 2 * 64 * 32 * 4; // K and V, width, positions, bytes of a number
  assert.ok(peakBytes - bytesInUse < 200 * pageBytes, 'what loading needs does not suffice for a full context');
  const model = await load(t, files, { memoryLimit: peakBytes });
  const run = (count) => model.generate(new Array(count).fill(11), { maxNewTokens: 3 }).result;
  await assert.rejects(run(8000), sottoError('out-of-memory', /bytes/));
  assert.equal((await model.memory()).kvPages, 0);
  assert.equal((await run(3)).tokenIds.length, 3);
});
