// What a model's own files ask for at generation: honoured as transformers does, or told; and it gives way to the caller.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LanguageModel } from 'sotto';
import { readGenerationConfig } from '../../build/web/loading/generation-config.js';
import { NEUTRAL_SAMPLER_OPTIONS } from '../../build/web/options/sampler-options.js';
import { changedConfig, filesOf, fixturePath, load, sottoError, storiesPath } from './support.mjs';

const FIELD = new URL('../../../shared/faults/field/', import.meta.url);
const PLAIN = { ...NEUTRAL_SAMPLER_OPTIONS, temperature: 0, maxNewTokens: 256 };

const readJson = (url) => JSON.parse(readFileSync(url, 'utf8'));
const read = (generation, config = {}, limits) => readGenerationConfig(generation, config, limits);

/** A fixture that asks for this; where `generation` is undefined, in config.json. */
function loadAsking(t, { generation, config = {} }, name = 'odd-8') {
  const changes = {
    'generation_config.json': generation ?? null,
    'config.json': changedConfig(name, config),
  };
  return load(t, filesOf(fixturePath(name), changes), { worker: false });
}

/** The embedded model, which has a tokenizer, asking for this. */
const loadStories = (t, generation) =>
  load(t, filesOf(storiesPath, { 'generation_config.json': generation }), { worker: false });

const tokensOf = async (generation) => (await generation.result).tokenIds;

test("what transformers generates by a model's own files, and a caller beside them", async (t) => {
  const { cases } = readJson(new URL('../fixtures/generation-defaults/reference.json', import.meta.url));
  assert.ok(cases.length > 35);
  for (const { promptIds, options, tokenIds, ...asked } of cases) {
    const model = await loadAsking(t, asked);
    const { sequences } = await model.generate(promptIds, options).result;
    const where = JSON.stringify({ ...asked, promptIds, options });
    assert.deepEqual(
      sequences.map((sequence) => sequence.tokenIds),
      tokenIds,
      where,
    );
    if (tokenIds.length > 1) continue;
    // A session counts its whole text, and goes on with the answer.
    const session = await model.createSession();
    await session.append(promptIds);
    assert.deepEqual(await tokensOf(session.generate(options)), tokenIds[0], `session: ${where}`);
    assert.deepEqual([...(await session.tokens())], [...promptIds, ...tokenIds[0]], where);
    await model.dispose();
  }
});

test('the models in the field generate as in transformers', async (t) => {
  if (!existsSync(FIELD)) return t.skip('there is no ../shared/faults/field');
  const names = readdirSync(FIELD).filter((name) => /^(3[2-9]|40)-gen-/.test(name));
  assert.ok(names.length >= 6);
  for (const name of names) {
    const folder = new URL(`${name}/`, FIELD);
    const { results } = readJson(new URL('expected.json', folder));
    const model = await load(t, folder.pathname, { worker: false, weights: 'f32' });
    for (const [i, prompt] of readJson(new URL('prompts.json', folder)).entries()) {
      const greedy = await tokensOf(model.generate(prompt, { temperature: 0, maxNewTokens: 12 }));
      assert.deepEqual(greedy, results[i].greedy12, name);
      if (model.info.generationDefaults.temperature > 0) continue;
      assert.deepEqual(await tokensOf(model.generate(prompt)), results[i].default, name);
    }
  }
});

test('do_sample alone draws from the 50 likeliest, as in transformers', async (t) => {
  assert.deepEqual(read({ do_sample: true }).defaults, { ...PLAIN, temperature: 1, topK: 50 });
  assert.equal(read({ do_sample: true, top_k: 0 }).defaults.topK, 0);
  assert.equal(read({ do_sample: true, top_k: null }).defaults.topK, 50);
  assert.deepEqual(read({ do_sample: false, top_k: 7, top_p: 0.4 }).defaults, PLAIN);
  const model = await loadAsking(t, { generation: { do_sample: true } }, 'odd-60');
  const drawn = await tokensOf(model.generate([5], { seed: 4, maxNewTokens: 20 }));
  const given = { seed: 4, maxNewTokens: 20, temperature: 1, topK: 50 };
  assert.deepEqual(drawn, await tokensOf(model.generate([5], given)));
});

test('config.json stands in where there is no generation_config.json, the part of the text model too', () => {
  const nested = { max_length: 9, repetition_penalty: 1.5, do_sample: true, eos_token_id: 4 };
  const config = { repetition_penalty: 1.2, do_sample: null, text_config: nested, n_embd: 8 };
  const { defaults, eosTokenIds, ignored } = read(undefined, config);
  const drawn = { ...PLAIN, temperature: 1, topK: 50, repetitionPenalty: 1.2 };
  assert.deepEqual(defaults, { ...drawn, maxNewTokens: 8, maxLength: 9 });
  assert.deepEqual([eosTokenIds, ignored], [[4], {}]);
  assert.deepEqual(read({}, config).defaults, PLAIN, 'generation_config.json goes before it');
  assert.deepEqual(read({}, config).eosTokenIds, [4]);
  assert.equal(read(undefined, { eos_token_id: 1, use_cache: true }).defaults.maxNewTokens, 256);
  assert.equal(read(undefined, { repetition_penalty: 2 }).defaults.maxNewTokens, 20, 'of transformers');
  assert.deepEqual(read(undefined, { guidance_scale: 3, foo: 1 }).ignored, { guidance_scale: 3 });
  assert.throws(
    () => read(undefined, { num_beams: 0 }),
    sottoError('bad-config', /^config\.json: num_beams/),
  );
});

test('every wish is read into info.generationDefaults', () => {
  const asked = {
    max_length: 40,
    min_length: 9,
    stop_strings: 'END',
    max_time: 1.5,
    num_beams: 3,
    length_penalty: -0.5,
    early_stopping: 'never',
    num_return_sequences: 2,
    prompt_lookup_num_tokens: 100,
    begin_suppress_tokens: [1, 2],
    forced_bos_token_id: 4,
    forced_eos_token_id: 5,
  };
  const others = {
    maxNewTokens: 39,
    maxLength: 40,
    minLength: 9,
    maxTime: 1500,
    lengthPenalty: -0.5,
    earlyStopping: 'never',
    numReturnSequences: 2,
    promptLookup: { maxNgram: 2, maxDraft: 64 },
    beginSuppressTokens: [1, 2],
    forcedBosTokenId: 4,
    forcedEosTokenIds: [5],
  };
  const withStops = read(asked);
  assert.deepEqual(withStops.defaults, { ...PLAIN, ...others, stop: ['END'] });
  assert.deepEqual(withStops.ignored, { num_beams: 3 }, 'beams do not stop at a text');
  const withBeams = read(asked, {}, { vocabSize: 10, hasTokenizer: false });
  assert.deepEqual(withBeams.defaults, { ...PLAIN, ...others, numBeams: 3 });
  assert.deepEqual(withBeams.ignored, { stop_strings: 'END' }, 'nothing stops at a text without a tokenizer');
  const drawn = read({ do_sample: true, num_beams: 3, num_return_sequences: 2, penalty_alpha: 0.6 });
  assert.deepEqual(drawn.ignored, { num_beams: 3 }, 'beams draw no token');
  assert.deepEqual(drawn.defaults, { ...PLAIN, temperature: 1, topK: 50, numReturnSequences: 2 });
  assert.deepEqual(read({ penalty_alpha: 0.6 }).defaults, { ...PLAIN, penaltyAlpha: 0.6, topK: 50 });
  assert.deepEqual(read({ penalty_alpha: 0.6, top_k: 1 }).defaults, PLAIN);
  assert.deepEqual(read({ max_new_tokens: 3, max_length: 9 }).defaults, { ...PLAIN, maxNewTokens: 3 });
  const least = { ...PLAIN, minNewTokens: 2 };
  assert.deepEqual(read({ min_new_tokens: 2, min_length: 9 }).defaults, least);
});

test('what is not done is told, what has no effect is not', () => {
  const told = {
    guidance_scale: 1.5,
    exponential_decay_length_penalty: [5, 1.1],
    encoder_repetition_penalty: 1.2,
    encoder_no_repeat_ngram_size: 2,
    watermarking_config: { bias: 2 },
    token_healing: true,
    constraints: [],
    force_words_ids: [[1]],
    dola_layers: 'low',
    cache_implementation: 'quantized',
    cache_config: { nbits: 4 },
    num_assistant_tokens: 5,
    assistant_early_exit: 4,
    user_token_id: 195,
  };
  const silent = {
    _from_model_config: true,
    transformers_version: '4.2',
    use_cache: false,
    output_scores: true,
    pad_token_id: -1,
    remove_invalid_values: true,
    // Neutral, or without effect where nothing is drawn and there are no beams.
    temperature: 0.7,
    top_h: 0.4,
    renormalize_logits: true,
    num_beam_groups: 2,
    early_stopping: true,
    length_penalty: 2,
  };
  const neutral = {
    guidance_scale: 1,
    encoder_repetition_penalty: 1,
    encoder_no_repeat_ngram_size: 0,
    cache_implementation: 'hybrid',
    num_assistant_tokens_schedule: 'constant',
    diversity_penalty: 0,
    constraints: null,
    foo: null,
  };
  assert.deepEqual(read({ ...told, ...silent }).ignored, told);
  assert.deepEqual(read(neutral).ignored, {});
  assert.deepEqual(read({ do_sample: true, top_h: 0.4 }).ignored, { top_h: 0.4 });
  const groups = { num_beam_groups: 2, diversity_penalty: 0.5, renormalize_logits: true };
  assert.deepEqual(read({ num_beams: 4, ...groups }).ignored, groups);
});

test('what is told is not nested without end', async (t) => {
  const nested = (depth) => `{"foo": ${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const files = (depth) => filesOf(fixturePath('odd-8'), { 'generation_config.json': nested(depth) });
  const model = await load(t, files(99), { worker: true }); // it crosses to the page
  assert.equal(JSON.stringify(model.info.ignoredDefaults), nested(99).replaceAll(' ', ''));
  await assert.rejects(LanguageModel.load(files(100_000)), sottoError('bad-file', /nested more than 100/));
});

test('info tells it, and special tokens that the vocabulary does not have', async (t) => {
  const generation = {
    guidance_scale: 2,
    eos_token_id: [5000, 7],
    bos_token_id: 50256,
    suppress_tokens: [5000],
  };
  const { info } = await loadAsking(t, { generation });
  assert.deepEqual(info.ignoredDefaults, {
    guidance_scale: 2,
    bos_token_id: 50256,
    eos_token_id: [5000, 7],
  });
  assert.deepEqual([info.bosTokenId, info.eosTokenIds], [null, [7]]);
  assert.deepEqual(info.generationDefaults, PLAIN, 'what there is not is never chosen');
  const none = await loadAsking(t, { generation: { eos_token_id: -1, bos_token_id: -1 } });
  assert.deepEqual([none.info.bosTokenId, none.info.eosTokenIds, none.info.ignoredDefaults], [null, [], {}]);
});

test('values that are no sensible ones, or can never hold together, are refused with the key', async () => {
  const bad = [
    { do_sample: 'yes' },
    { max_length: 1 },
    { max_length: 2.5 },
    { min_length: -1 },
    { stop_strings: [''] },
    { stop_strings: 3 },
    { max_time: 0 },
    { max_time: 1e306 },
    { num_beams: 0 },
    { num_beams: 5000 },
    { length_penalty: 'long' },
    { early_stopping: 'soon' },
    { num_return_sequences: 0 },
    { penalty_alpha: 2 },
    { prompt_lookup_num_tokens: 0 },
    { begin_suppress_tokens: [-1] },
    { forced_bos_token_id: 'a' },
    { forced_eos_token_id: [1.5] },
    { eos_token_id: 1.5 },
    // Together with the next key.
    { min_new_tokens: 10, max_new_tokens: 5 },
    { min_new_tokens: 10, max_length: 10 },
    { min_length: 12, max_length: 11 },
    { num_return_sequences: 3, num_beams: 2 },
    { num_return_sequences: 3, do_sample: false },
    { forced_bos_token_id: 3, suppress_tokens: [3] },
    { forced_eos_token_id: 3, suppress_tokens: [3] },
    // Beyond the vocabulary.
    { forced_bos_token_id: 11 },
    { forced_eos_token_id: [1, 11] },
    { bad_words_ids: [[1, 11]] },
    { sequence_bias: [[[11], 1]] },
  ];
  for (const json of bad) {
    const names = Object.keys(json).join('.*');
    const isRefused = sottoError('bad-config', new RegExp(`generation_config.json.*: ${names}`));
    assert.throws(
      () => read(json, {}, { vocabSize: 11, hasTokenizer: true }),
      isRefused,
      JSON.stringify(json),
    );
  }
});

test("a prompt that fills the model's max_length is refused as in transformers, unless the caller says more", async (t) => {
  const model = await loadAsking(t, { generation: { max_length: 4 } });
  assert.equal((await model.generate([1, 2, 3]).result).finishReason, 'length');
  const tooLong = sottoError(
    'prompt-too-long',
    /4 tokens, and the model's own max_length is 4.*maxNewTokens/,
  );
  await assert.rejects(model.generate([1, 2, 3, 4]).result, tooLong);
  for (const options of [{ maxNewTokens: 2 }, { minNewTokens: 2 }]) {
    assert.equal((await tokensOf(model.generate([1, 2, 3, 4], options))).length, 2);
  }
  const batch = model.generateBatch([[1], [1, 2, 3]]).map(tokensOf);
  assert.deepEqual(
    (await Promise.all(batch)).map(({ length }) => length),
    [3, 1],
  );
  const session = await model.createSession();
  await session.append([1, 2]);
  assert.equal((await tokensOf(session.generate())).length, 2);
  await assert.rejects(session.generate().result, tooLong);
  assert.equal((await tokensOf(session.generate({ maxNewTokens: 3 }))).length, 3);
});

test("the model's beams give way to whatever they do not go with", async (t) => {
  const asked = { num_beams: 4, num_return_sequences: 3, max_new_tokens: 8 };
  const model = await loadStories(t, asked);
  const prompt = 'Once upon a time, there was a little dog';
  const tokens = (options) => tokensOf(model.generate(prompt, options));
  const beams = await tokens({});
  const greedy = await tokens({ temperature: 0 });
  assert.deepEqual(beams, await tokens({ numBeams: 4 }));
  assert.notDeepEqual(beams, greedy);
  assert.equal((await model.generate(prompt).result).sequences.length, 3);
  assert.equal((await model.generate(prompt, { numBeams: 2 }).result).sequences.length, 2);
  const isGreedy = [
    { numBeams: 1 },
    { stop: 'zzz' },
    { stopWhen: () => false },
    { logprobs: 1 },
    { promptLookup: {} },
    { overflow: 'slide' },
    { topK: 1 },
    { temperature: 1e-30, seed: 2 },
  ];
  for (const options of isGreedy) {
    const result = await model.generate(prompt, options).result;
    assert.deepEqual(result.tokenIds, greedy, JSON.stringify(options));
    if (options.topK === undefined && options.seed === undefined) assert.equal(result.sequences.length, 1);
  }
  const drawn = await model.generate(prompt, { topP: 0.9, seed: 2 ** 53 - 1 }).result;
  assert.equal(drawn.sequences.length, 1, 'there is no seed behind the last');
  assert.equal((await model.generate(prompt, { topP: 0.9, seed: 2 }).result).sequences.length, 3);
  const contrastive = { penaltyAlpha: 0.6, topK: 4 };
  assert.equal((await model.generate(prompt, contrastive).result).sequences.length, 1);
  const session = await model.createSession();
  await session.append(prompt);
  const inSession = await session.generate().result;
  assert.deepEqual([inSession.tokenIds, inSession.sequences.length], [beams, 1]);
  const drawnInSession = await session.generate({ temperature: 0.8 }).result;
  assert.equal(drawnInSession.sequences.length, 1, 'a session has one text');
});

test('the model may ask for contrastive search', async (t) => {
  const model = await loadStories(t, { penalty_alpha: 0.6, top_k: 5, max_new_tokens: 12 });
  const plain = await loadStories(t, { max_new_tokens: 12 });
  const tokens = (which, options) => tokensOf(which.generate('One day', options));
  const searched = await tokens(plain, { penaltyAlpha: 0.6, topK: 5 });
  assert.deepEqual(await tokens(model, {}), searched);
  assert.deepEqual(await tokens(model, { topK: 3 }), await tokens(plain, { penaltyAlpha: 0.6, topK: 3 }));
  assert.deepEqual(
    await tokens(model, { penaltyAlpha: 0.9 }),
    await tokens(plain, { penaltyAlpha: 0.9, topK: 5 }),
  );
  for (const options of [
    { temperature: 0 },
    { seed: 3 },
    { topP: 0.5, seed: 3 },
    { numBeams: 3 },
    { stop: 'e' },
  ]) {
    const expected = options.stop === undefined ? options : { ...options, penaltyAlpha: 0.6, topK: 5 };
    assert.deepEqual(await tokens(model, options), await tokens(plain, expected), JSON.stringify(options));
  }
});

test("the model's stop strings, time and drafts are defaults of the caller's", async (t) => {
  const plain = await loadStories(t, { max_new_tokens: 30 });
  const whole = await plain.generate('Once upon a time').result;
  const stop = whole.text.slice(20, 24);
  const stopping = await loadStories(t, { max_new_tokens: 30, stop_strings: [stop] });
  const stopped = await stopping.generate('Once upon a time').result;
  assert.deepEqual(
    [stopped.text, stopped.finishReason],
    [whole.text.slice(0, whole.text.indexOf(stop)), 'stop-string'],
  );
  for (const options of [{ stop: [] }, { stop: 'zzz' }]) {
    assert.equal(await stopping.generate('Once upon a time', options).text(), whole.text);
  }
  const beams = await stopping.generate('Once upon a time', { numBeams: 2 }).result;
  const without = await plain.generate('Once upon a time', { numBeams: 2 }).result;
  assert.equal(beams.text, without.text, "the caller's beams go before the model's stops");
  const hasty = await loadStories(t, { max_time: 1e-9 });
  assert.equal((await hasty.generate('Once upon a time').result).finishReason, 'max-time');
  const patient = await hasty.generate('Once upon a time', { maxTime: 1e6, maxNewTokens: 4 }).result;
  assert.equal(patient.finishReason, 'length');
  const drafting = await loadStories(t, { max_new_tokens: 30, prompt_lookup_num_tokens: 4 });
  for (const options of [{}, { logprobs: 1 }, { temperature: 0.9, seed: 1, numReturnSequences: 2 }]) {
    const { tokenIds } = await drafting.generate('Once upon a time', options).result;
    assert.deepEqual(tokenIds, await tokensOf(plain.generate('Once upon a time', options)));
  }
});

test('what the model forces and rules out gives way to the caller', async (t) => {
  const generation = {
    forced_bos_token_id: 9,
    forced_eos_token_id: 8,
    begin_suppress_tokens: [7],
    max_new_tokens: 4,
  };
  const model = await loadAsking(t, { generation });
  const tokens = (options, prompt = [5]) => tokensOf(model.generate(prompt, options));
  const own = await tokens({});
  assert.deepEqual([own[0], own[3]], [9, 8]);
  assert.equal((await tokens({ forcedTokens: [7] }))[0], 7);
  assert.equal((await tokens({ forcedTokens: [7] }, [5, 6]))[0], 7);
  assert.ok(!(await tokens({ suppressTokens: [8, 9] })).some((id) => id === 8 || id === 9));
  assert.equal((await tokens({ maxNewTokens: 2 }))[1], 8);
  assert.equal((await tokens({ numBeams: 2 }, [5, 6])).at(-1), 8);
  assert.equal((await tokens({ penaltyAlpha: 0.5, topK: 3 }, [5, 6])).at(-1), 8);
  const ruling = await loadAsking(t, { generation: { suppress_tokens: [3, 4] } });
  const forced = await tokensOf(ruling.generate([1], { forcedTokens: [3], maxNewTokens: 3 }));
  assert.equal(forced[0], 3);
  const short = await loadAsking(t, { generation: { max_new_tokens: 3 } });
  const longer = await tokensOf(short.generate([1], { minNewTokens: 5 }));
  assert.equal(longer.length, 5, 'who asks for five gets them');
  assert.equal((await tokensOf(model.generate([1], { minNewTokens: 300, overflow: 'slide' }))).length, 300);
});
