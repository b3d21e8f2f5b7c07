import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { changedConfig, filesOf, fixturePath, sottoError, storiesPath } from './support.mjs';

const folder = fixturePath('odd-60');

const badConfigs = [
  ['no JSON', '{', 'bad-file', /config\.json/],
  ['no object', '[]', 'bad-file', /config\.json/],
  [
    'an unknown architecture',
    { model_type: 'mamba', architectures: ['MambaForCausalLM'] },
    'unsupported-model',
    /mamba.*gpt2/s,
  ],
  ['no architecture', {}, 'unsupported-model', /config\.json/],
  ['a billion layers', changedConfig('odd-60', { n_layer: 1e9 }), 'bad-config', /n_layer.*1000000000/],
  ['no layers', changedConfig('odd-60', { n_layer: 0 }), 'bad-config', /n_layer/],
  ['half a layer', changedConfig('odd-60', { n_layer: 1.5 }), 'bad-config', /n_layer/],
  ['negative sizes', changedConfig('odd-60', { n_embd: -60 }), 'bad-config', /n_embd/],
  ['sizes that are no numbers', changedConfig('odd-60', { vocab_size: 'many' }), 'bad-config', /vocab_size/],
  ['heads that do not divide the width', changedConfig('odd-60', { n_head: 7 }), 'bad-config', /n_head/],
  [
    'an activation that is not known',
    changedConfig('odd-60', { activation_function: 'mish' }),
    'unsupported-model',
    /mish/,
  ],
  [
    'weights that fit into no memory',
    changedConfig('odd-60', { n_embd: 15360, n_head: 5, n_layer: 100 }),
    'out-of-memory',
    /room for \d+ MiB/,
  ],
  [
    'another number of layers than the weights',
    changedConfig('odd-60', { n_layer: 4 }),
    'missing-tensor',
    /layers\.3/,
  ],
  ['another width than the weights', changedConfig('odd-60', { n_embd: 65 }), 'bad-tensor', /60/],
];
for (const [what, config, code, message] of badConfigs) {
  test(`a config.json with ${what} is refused`, async () => {
    await assert.rejects(
      LanguageModel.load(filesOf(folder, { 'config.json': config })),
      sottoError(code, message),
    );
  });
}

const badGenerationConfigs = [
  ['no JSON', 'eos', 'bad-file', /generation_config\.json/],
  ['no object', '[1]', 'bad-file', /generation_config\.json/],
  ['an end token that is none', { eos_token_id: 'end' }, 'bad-config', /eos_token_id is "end"/],
  ['a temperature below 0', { do_sample: true, temperature: -1 }, 'bad-config', /temperature is -1/],
  ['a top_p above 1', { do_sample: true, top_p: 2 }, 'bad-config', /top_p is 2/],
  ['no new tokens', { max_new_tokens: 0 }, 'bad-config', /max_new_tokens is 0/],
  [
    'half a begin token',
    { bos_token_id: 0.5 },
    'bad-config',
    /^generation_config\.json: bos_token_id is 0\.5; it must be a token id/,
  ],
  [
    'an object that looks like a list',
    { bad_words_ids: { length: 5 } },
    'bad-config',
    /^generation_config\.json: bad_words_ids is an object .*; it must be a list of lists/,
  ],
  [
    'an object in place of tokens',
    { suppress_tokens: { 0: 1, length: 1 } },
    'bad-config',
    /suppress_tokens is an object .*; it must be a list of token ids/,
  ],
  [
    'a token that the vocabulary lacks',
    { bad_words_ids: [[1, 2000]] },
    'bad-config',
    /bad_words_ids has the token 2000, and the vocab_size of config\.json is \d+/,
  ],
  [
    'a token that is forced and ruled out',
    { forced_eos_token_id: [3, 4], suppress_tokens: [2, 4] },
    'bad-config',
    /the token 4 cannot be forced and ruled out/,
  ],
];
for (const [what, config, code, message] of badGenerationConfigs) {
  test(`a generation_config.json with ${what} is refused`, async () => {
    await assert.rejects(
      LanguageModel.load(filesOf(folder, { 'generation_config.json': config })),
      sottoError(code, message),
    );
  });
}

test('the file is blamed that says what is wrong', async () => {
  const files = filesOf(folder, {
    'generation_config.json': { eos_token_id: null },
    'config.json': changedConfig('odd-60', { eos_token_id: 'end' }),
  });
  await assert.rejects(
    LanguageModel.load(files),
    sottoError('bad-config', /^config\.json: eos_token_id is "end"/),
  );
});

test('long lists of tokens that are forced and ruled out are compared in no time', async () => {
  const ids = (count, id) => new Array(count).fill(id);
  const config = { forced_eos_token_id: ids(200_000, 1), suppress_tokens: ids(200_000, 2) };
  const begin = performance.now();
  const model = await LanguageModel.load(filesOf(folder, { 'generation_config.json': config }));
  await model.dispose();
  assert.ok(performance.now() - begin < 4000);
});

test('the base of rotary positions is named as the file has it', async () => {
  const name = 'families/gemma3_text-older';
  for (const key of ['rope_theta', 'rope_local_base_freq']) {
    const files = filesOf(fixturePath(name), { 'config.json': changedConfig(name, { [key]: 0.5 }) });
    await assert.rejects(
      LanguageModel.load(files),
      sottoError('bad-config', new RegExp(`^config\\.json: ${key} is 0\\.5; expected a number from 1 to`)),
    );
  }
});

test('tokenizers that are damaged or not known are refused', async () => {
  const load = (tokenizer) => LanguageModel.load(filesOf(storiesPath, { 'tokenizer.json': tokenizer }));
  await assert.rejects(load('{"model":'), sottoError('bad-file', /tokenizer\.json/));
  const json = JSON.parse(await readFile(`${storiesPath}/tokenizer.json`, 'utf8'));
  await assert.rejects(
    load({ ...json, model: { ...json.model, type: 'Hieroglyphs' } }),
    sottoError('unsupported-tokenizer', /tokenizer\.json/),
  );
});
