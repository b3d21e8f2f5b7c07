// Options and prompts as other libraries take them: the error says how it is done here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LanguageModel } from 'sotto';
import { Engine } from 'sotto/engine';
import { changedConfig, filesOf, fixturePath, load, sottoError, storiesPath } from './support.mjs';

let model;
before(async () => {
  model = await LanguageModel.load(storiesPath);
});
after(() => model.dispose());

const GENERATE = {
  max_new_tokens: /did you mean maxNewTokens\?/,
  maxLength: /did you mean maxNewTokens, which counts the tokens of the answer alone\?/,
  max_length: /did you mean maxNewTokens/,
  maxTokens: /did you mean maxNewTokens\?/,
  max_tokens: /did you mean maxNewTokens\?/,
  n_predict: /did you mean maxNewTokens\?/,
  nPredict: /did you mean maxNewTokens\?/,
  min_length: /did you mean minNewTokens/,
  do_sample: /did you mean temperature: above 0 draws tokens, 0 takes the most likely one\?/,
  top_k: /did you mean topK\?/,
  num_beams: /did you mean numBeams\?/,
  beamWidth: /did you mean numBeams\?/,
  repeat_penalty: /did you mean repetitionPenalty\?/,
  stopSequences: /did you mean stop\?/,
  stop_sequences: /did you mean stop\?/,
  stop_strings: /did you mean stop\?/,
  eos_token_id: /did you mean stopWhen/,
  callback_function: /did you mean onToken\?/,
  streamer: /for await .*onToken/,
  stream: /for await .*onToken/,
  messages: /first argument of chat/,
  system: /a message: \{ role: 'system', content \}/,
  tools: /the option tools of chat/,
  prompt: /the prompt is the first argument of generate/,
  return_full_text: /the answer alone/,
  progress_callback: /that is the option onProgress of LanguageModel\.load/,
  n_threads: /that is the option threads of LanguageModel\.load/,
  threads: /that is the option threads of LanguageModel\.load/,
  dtype: /that is the option weights of LanguageModel\.load: 'f32', 'q8' or 'q4'/,
  device: /everything runs on the processor/,
};
for (const [name, message] of Object.entries(GENERATE)) {
  test(`generate says what stands for ${name}`, () => {
    assert.throws(() => model.generate('Once', { [name]: 1 }), sottoError('unknown-option', message));
  });
}

const LOAD = {
  n_threads: /did you mean threads\?/,
  numThreads: /did you mean threads\?/,
  dtype: /did you mean weights: 'f32', 'q8' or 'q4'\?/,
  quantized: /did you mean weights/,
  progress_callback: /did you mean onProgress\?/,
  progressCallback: /did you mean onProgress\?/,
  device: /everything runs on the processor/,
  wasmPaths: /did you mean wasm: \{ url \}\?/,
  n_ctx: /info\.contextLength/,
  max_tokens: /that is the option maxNewTokens of generate/,
};
for (const [name, message] of Object.entries(LOAD)) {
  test(`load says what stands for ${name}`, async () => {
    await assert.rejects(
      LanguageModel.load(storiesPath, { [name]: 1 }),
      sottoError('unknown-option', message),
    );
  });
}

test('the engine says it, too', async (t) => {
  await assert.rejects(
    Engine.create({ n_threads: 2 }),
    sottoError('unknown-option', /did you mean threads\?/),
  );
  const engine = await Engine.create();
  t.after(() => engine.dispose());
  const refused = sottoError('unknown-option', /did you mean temperature/);
  assert.throws(() => engine.createSampler({ do_sample: true }), refused);
});

test('a name of a million letters is refused at once, and not repeated', () => {
  for (const name of ['x'.repeat(2 ** 20), 'max_new_tokens'.repeat(1e5), '_'.repeat(2 ** 20)]) {
    const begin = performance.now();
    assert.throws(
      () => model.generate('Once', { [name]: 1 }),
      (error) => error.code === 'unknown-option' && error.message.length < 600,
    );
    assert.ok(performance.now() - begin < 100);
  }
});

const PROMPTS = [
  [[{ role: 'user', content: 'hi' }], /give them to chat/],
  [['Once', 'upon'], /generateBatch/],
  [[[5, 6]], /generateBatch/],
];
for (const [prompt, message] of PROMPTS) {
  test(`the prompt ${JSON.stringify(prompt)} is told apart`, () => {
    assert.throws(() => model.generate(prompt), sottoError('bad-token', message));
  });
}

test('an empty prompt is told with what the model begins its texts, where it has that', async (t) => {
  const { bosTokenId } = model.info;
  assert.ok(bosTokenId !== null);
  const begins = new RegExp(`such as \\[${bosTokenId}\\], with which this model's texts begin`);
  for (const empty of ['', []])
    assert.throws(() => model.generate(empty), sottoError('empty-prompt', begins));
  const { tokenIds } = await model.generate([bosTokenId], { maxNewTokens: 3 }).result;
  assert.equal(tokenIds.length, 3);
  const config = changedConfig('odd-8', { bos_token_id: null });
  const files = filesOf(fixturePath('odd-8'), { 'config.json': config, 'generation_config.json': null });
  const other = await load(t, files);
  assert.equal(other.info.bosTokenId, null);
  assert.throws(() => other.generate([]), sottoError('empty-prompt', /at least one token to continue from$/));
});
