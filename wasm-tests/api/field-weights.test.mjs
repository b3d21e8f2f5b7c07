// Weights as people have them: heads beside a tied flag, wrapped names, tensors that nobody needs, doubles, copies in shards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { makeRandom } from '../formats/make-safetensors.mjs';
import { fileOfTensors, randomModel, tensorsOf } from './make-weights.mjs';
import { jsonBytes, load, serveFiles, sottoError } from './support.mjs';

const CONFIG = { n_embd: 8, n_head: 2, n_layer: 2, vocab_size: 40, n_positions: 32, eos_token_id: null };
const random = makeRandom(5);
const BASE = randomModel(CONFIG, { next: () => random(1 << 20) / (1 << 20) });
const TENSORS = tensorsOf(BASE['model.safetensors']);
const PROMPT = [3, 17, 29];

const embedding = TENSORS['wte.weight'];
const otherHead = { ...embedding, bytes: changed(embedding.bytes) };

/** The last rows in another order: the bytes before are the same. */
function changed(bytes) {
  const floats = new Float32Array(bytes.slice().buffer);
  floats.subarray(8 * 8).reverse();
  return new Uint8Array(floats.buffer);
}

const filesOf = (tensors, config = {}) => ({
  'config.json': jsonBytes({
    ...JSON.parse(new TextDecoder().decode(BASE['config.json'])),
    ...config,
  }),
  'model.safetensors': tensors instanceof Uint8Array ? tensors : fileOfTensors(tensors),
});

async function tokensOf(t, source, options) {
  const model = await load(t, source, options);
  const { tokenIds } = await model.generate(PROMPT, { maxNewTokens: 12, temperature: 0 }).result;
  return { tokenIds, info: model.info };
}

const base = () => ({ ...TENSORS });
const without = (tensors, name) =>
  Object.fromEntries(Object.entries(tensors).filter(([key]) => key !== name));
const renamed = (tensors, rename) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));
const scalar = (dtype, n) => ({ dtype, shape: [n], bytes: new Uint8Array(n * (dtype === 'BOOL' ? 1 : 4)) });

const ORDERS = {
  'embedding first': (head) => ({ ...base(), 'lm_head.weight': head }),
  'head first': (head) => ({ 'lm_head.weight': head, ...base() }),
  'head first, behind a prefix': (head) => ({
    'module.lm_head.weight': head,
    ...renamed(base(), (name) => `module.transformer.${name}`),
  }),
};

for (const [order, pairOf] of Object.entries(ORDERS)) {
  for (const weights of ['f32', 'q8']) {
    test(`a head of its own beside the tied flag counts, ${order}, ${weights}`, async (t) => {
      const untied = await tokensOf(t, filesOf(pairOf(otherHead), { tie_word_embeddings: false }), {
        weights,
      });
      const flagged = await tokensOf(t, filesOf(pairOf(otherHead)), { weights });
      const plain = await tokensOf(t, filesOf(base()), { weights });
      assert.deepEqual(flagged.tokenIds, untied.tokenIds);
      assert.notDeepEqual(flagged.tokenIds, plain.tokenIds);
      assert.equal(flagged.info.nParameters, plain.info.nParameters + 40 * 8);
      assert.equal(flagged.info.weightBytes, untied.info.weightBytes);
    });
  }

  test(`a head that repeats the embedding takes no memory, ${order}`, async (t) => {
    const plain = await tokensOf(t, filesOf(base()));
    const repeated = await tokensOf(t, filesOf(pairOf(embedding)));
    assert.deepEqual(repeated.tokenIds, plain.tokenIds);
    assert.equal(repeated.info.weightBytes, plain.info.weightBytes);
    assert.deepEqual(repeated.info.skippedTensors, []);
  });
}

test('a head of its own is found in shards, and where a server sends no parts', async (t) => {
  const files = filesOf(ORDERS['head first'](otherHead));
  const { tokenIds } = await tokensOf(t, files);
  const shards = {
    'config.json': files['config.json'],
    'model-1.safetensors': fileOfTensors(without(base(), 'wte.weight')),
    'model-2.safetensors': fileOfTensors({ 'lm_head.weight': otherHead, 'wte.weight': embedding }),
    'model.safetensors.index.json': jsonBytes({
      weight_map: {
        ...Object.fromEntries(Object.keys(TENSORS).map((name) => [name, 'model-1.safetensors'])),
        'wte.weight': 'model-2.safetensors',
        'lm_head.weight': 'model-2.safetensors',
      },
    }),
  };
  assert.deepEqual((await tokensOf(t, shards)).tokenIds, tokenIds);
  const { url } = await serveFiles(t, files);
  for (const worker of [false, true])
    assert.deepEqual((await tokensOf(t, url, { worker })).tokenIds, tokenIds);
});

test('either name of a tied pair fills both', async (t) => {
  const plain = await tokensOf(t, filesOf(base()));
  const onlyHead = await tokensOf(
    t,
    filesOf({ ...without(base(), 'wte.weight'), 'lm_head.weight': embedding }),
  );
  assert.deepEqual(onlyHead.tokenIds, plain.tokenIds);
  assert.equal(onlyHead.info.weightBytes, plain.info.weightBytes);
});

test('a head of fewer rows is refused with its name', async () => {
  const short = { ...embedding, shape: [39, 8], bytes: embedding.bytes.slice(0, -32) };
  await assert.rejects(
    LanguageModel.load(filesOf({ ...base(), 'lm_head.weight': short })),
    sottoError('missing-tensor', /too few rows of lm_head\.weight .*39 rows came\)\.$/),
  );
});

test('a head that is missing without the flag is an error that says so', async () => {
  const wrapped = renamed(base(), (name) => `transformer.${name}`);
  await assert.rejects(
    LanguageModel.load(filesOf(wrapped, { tie_word_embeddings: false })),
    sottoError('missing-tensor', /lack lm_head\.weight .*tie_word_embeddings": true/),
  );
  await assert.rejects(
    LanguageModel.load(filesOf(without(wrapped, 'transformer.h.1.ln_2.bias'))),
    sottoError('missing-tensor', /lack transformer\.h\.1\.ln_2\.bias/),
  );
});

const WRAPPERS = ['_orig_mod.', 'module.', 'module._orig_mod.transformer.', '_fsdp_wrapped_module.'];
for (const wrapper of WRAPPERS) {
  test(`names behind ${wrapper} are those without it`, async (t) => {
    const plain = await tokensOf(t, filesOf(base()));
    const wrapped = await tokensOf(t, filesOf(renamed(base(), (name) => wrapper + name)));
    assert.deepEqual(wrapped.tokenIds, plain.tokenIds);
    assert.deepEqual(wrapped.info.skippedTensors, []);
  });
}

test('tensors that nobody needs are passed over and listed, of any type', async (t) => {
  const others = {
    'score.weight': scalar('F32', 16),
    'v_head.summary.weight': scalar('I32', 8),
    'multiple_choice_head.summary.bias': scalar('BOOL', 1),
    'h.0.attn.bias': { dtype: 'BOOL', shape: [1, 1, 32, 32], bytes: new Uint8Array(1024) },
    'h.1.attn.masked_bias': { dtype: 'F64', shape: [], bytes: new Uint8Array(8) },
    'transformer.position_ids': { dtype: 'I64', shape: [1, 32], bytes: new Uint8Array(256) },
    'h.1.attn.rotary_emb.inv_freq': scalar('F32', 4),
    'h.0.empty': { dtype: 'F32', shape: [0, 8], bytes: new Uint8Array(0) },
    'h.2.ln_1.weight': scalar('F32', 8),
    'half a letter: \ud800': scalar('F32', 1),
  };
  const plain = await tokensOf(t, filesOf(base()));
  for (const worker of [false, true]) {
    const { tokenIds, info } = await tokensOf(t, filesOf({ ...others, ...base() }), { worker });
    assert.deepEqual(tokenIds, plain.tokenIds);
    assert.deepEqual([...info.skippedTensors].sort(), Object.keys(others).sort());
  }
  assert.deepEqual(plain.info.skippedTensors, []);
});

for (const name of [
  'h.0.attn.c_attn.lora_A.weight',
  'h.1.crossattention.q.bias',
  'lm_head.bias',
  'h.0.\ud800',
]) {
  test(`${JSON.stringify(name)}, which something would compute with, is refused`, async () => {
    await assert.rejects(LanguageModel.load(filesOf({ ...base(), [name]: scalar('F32', 8) })), (error) => {
      assert.ok(error.message.isWellFormed?.() ?? true);
      return sottoError('unsupported-model', /the weights hold a tensor (?:h|lm_head)\./)(error);
    });
  });
}

test('doubles become floats while they stream', async (t) => {
  const doubled = Object.fromEntries(
    Object.entries(TENSORS).map(([name, tensor]) => {
      const floats = new Float32Array(tensor.bytes.slice().buffer);
      return [name, { ...tensor, dtype: 'F64', bytes: new Uint8Array(Float64Array.from(floats).buffer) }];
    }),
  );
  for (const weights of ['f32', 'q8', 'q4']) {
    const plain = await tokensOf(t, filesOf(base()), { weights });
    assert.deepEqual((await tokensOf(t, filesOf(doubled), { weights })).tokenIds, plain.tokenIds);
  }
  const infinite = { ...doubled, 'h.0.mlp.c_fc.weight': { ...doubled['h.0.mlp.c_fc.weight'] } };
  infinite['h.0.mlp.c_fc.weight'].bytes = doubled['h.0.mlp.c_fc.weight'].bytes.slice();
  new DataView(infinite['h.0.mlp.c_fc.weight'].bytes.buffer).setFloat64(0, 1e300, true); // none of 32 bits
  await assert.rejects(
    LanguageModel.load(filesOf(infinite), { weights: 'q8' }),
    sottoError('bad-file', /tensor h\.0\.mlp\.c_fc\.weight \[8, 32\]: /),
  );
});

test('of a tensor in two shards the index names the one that counts', async (t) => {
  const wrong = { ...embedding, bytes: changed(embedding.bytes) };
  const weight_map = Object.fromEntries(Object.keys(TENSORS).map((name) => [name, 'b.safetensors']));
  const { tokenIds } = await tokensOf(t, filesOf(base()));
  for (const [first, copies] of [
    ['a.safetensors', { 'wte.weight': wrong, 'ln_f.bias': TENSORS['ln_f.bias'] }],
    ['c.safetensors', { 'wte.weight': wrong, 'ln_f.bias': TENSORS['ln_f.bias'] }],
  ]) {
    const result = await tokensOf(t, {
      'config.json': BASE['config.json'],
      [first]: fileOfTensors(copies),
      'b.safetensors': fileOfTensors(without(base(), 'ln_f.bias')),
      'model.safetensors.index.json': jsonBytes({ weight_map: { ...weight_map, 'ln_f.bias': first } }),
    });
    assert.deepEqual(result.tokenIds, tokenIds);
    assert.deepEqual(result.info.skippedTensors, []);
  }
});

test('names of whatever length make no long message', async () => {
  const { 'ln_f.weight': _, ...tensors } = TENSORS;
  for (let i = 0; i < 5; i++)
    tensors['\0'.repeat(300) + i] = { dtype: 'F32', shape: [0], bytes: new Uint8Array(0) };
  await assert.rejects(LanguageModel.load(filesOf(tensors)), (error) => {
    sottoError(
      'missing-tensor',
      /the weights lack .*ln_f\.weight.*\\u0000… and 1 more were not needed/,
    )(error);
    return error.message.length < 1000;
  });
});
