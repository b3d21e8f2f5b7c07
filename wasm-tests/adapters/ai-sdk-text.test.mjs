// sotto/ai-sdk with the AI SDK itself: text, streams, thoughts, usage, reasons to end, aborts, errors.
import assert from 'node:assert/strict';
import { sotto } from 'sotto/ai-sdk';
import { chatModel } from '../api/chat-model.mjs';
import { load, sottoError, storiesPath } from '../api/support.mjs';
import { joined, partsOf, scripted, storyTeller, testWithEach } from './ai-sdk-support.mjs';

const PROMPT = 'Once upon a time';

testWithEach(
  "generateText gives the model's own text, usage with cache reads, and the seed",
  async (t, ai) => {
    const model = await load(t, storiesPath);
    const expected = await model.chat([{ role: 'user', content: PROMPT }], {
      chatTemplate: '{{ messages[0].content }}',
      maxNewTokens: 20,
      temperature: 0,
    }).result;
    const ask = { model: storyTeller(model), prompt: PROMPT, maxOutputTokens: 20, temperature: 0 };
    const { text, finishReason, usage, warnings, providerMetadata, response } = await ai.generateText(ask);
    assert.equal(text, expected.text);
    assert.equal(finishReason, 'length');
    assert.deepEqual(warnings, []);
    const { promptTokens } = expected.usage;
    assert.equal(usage.inputTokens, promptTokens);
    assert.equal(usage.outputTokens, 20);
    assert.equal(usage.inputTokenDetails.cacheReadTokens, promptTokens - 1, 'it was read before');
    assert.equal(usage.inputTokenDetails.noCacheTokens, 1);
    assert.equal(typeof providerMetadata.sotto.seed, 'number');
    assert.equal(response.modelId, model.info.name ?? model.info.architecture);
  },
);

testWithEach('settings arrive: the same seed gives the same text, another one another', async (t, ai) => {
  const model = storyTeller(await load(t, storiesPath));
  const ask = (seed, more) =>
    ai.generateText({
      model,
      prompt: PROMPT,
      maxOutputTokens: 24,
      temperature: 1.2,
      topP: 0.95,
      seed,
      ...more,
    });
  const [first, again, other] = [await ask(1), await ask(1), await ask(2)];
  assert.equal(again.text, first.text);
  assert.notEqual(other.text, first.text);
  const penalised = await ask(1, { presencePenalty: 1.5, frequencyPenalty: 1.5 });
  assert.notEqual(penalised.text, first.text);
  const greedy = await ai.generateText({ model, prompt: PROMPT, maxOutputTokens: 24, temperature: 0 });
  const likeliest = await ask(1, { topK: 1 });
  assert.equal(likeliest.text, greedy.text);
});

testWithEach('streamText: thoughts and text in blocks, and the same as generateText', async (t, ai) => {
  const model = await load(t, chatModel());
  const answer = '<think>\nIs it Bob?\n</think>\n\nHi, you.';
  const streamed = ai.streamText({ model: sotto(await scripted(model, [answer])), prompt: 'Hello' });
  const parts = await partsOf(streamed);
  assert.deepEqual(joined(parts), [
    ['reasoning', 'Is it Bob?'],
    ['text', 'Hi, you.'],
  ]);
  const types = parts.map(({ type }) => type);
  for (const type of ['reasoning', 'text']) {
    assert.equal(types.filter((other) => other === `${type}-start`).length, 1);
    assert.equal(types.filter((other) => other === `${type}-end`).length, 1);
  }
  assert.ok(types.indexOf('reasoning-end') < types.indexOf('text-start'));
  assert.equal(await streamed.text, 'Hi, you.');
  assert.equal(await streamed.reasoningText, 'Is it Bob?');
  assert.equal(await streamed.finishReason, 'stop');
  const { outputTokens, outputTokenDetails } = await streamed.usage;
  assert.ok(outputTokenDetails.reasoningTokens > 0);
  assert.equal(outputTokenDetails.reasoningTokens + outputTokenDetails.textTokens, outputTokens);

  const whole = await ai.generateText({ model: sotto(await scripted(model, [answer])), prompt: 'Hello' });
  assert.equal(whole.text, 'Hi, you.');
  assert.equal(whole.reasoningText, 'Is it Bob?');
  assert.equal(whole.usage.outputTokens, outputTokens);
});

testWithEach('reasons to end: the model, a stop sequence, the length, the time', async (t, ai) => {
  const model = await load(t, chatModel());
  const ask = async (options, settings) => {
    const asked = sotto(await scripted(model, ['Hi, you there.']), settings);
    const { text, finishReason, rawFinishReason } = await ai.generateText({
      model: asked,
      prompt: 'Hello',
      ...options,
    });
    return [text, finishReason, rawFinishReason];
  };
  assert.deepEqual(await ask({}), ['Hi, you there.', 'stop', 'end-token']);
  assert.deepEqual(await ask({ stopSequences: [' there'] }), ['Hi, you', 'stop', 'stop-string']);
  const stopWhen = ({ tokenIds }) => tokenIds.length === 1;
  assert.deepEqual(await ask({}, { stopWhen }), ['Hi', 'stop', 'stop-when']);
  const [, reason, raw] = await ask({}, { maxTime: 1e-6 });
  assert.deepEqual([reason, raw], ['other', 'max-time']);
  const full = await ai.generateText({ model: sotto(model), prompt: 'Hello', maxOutputTokens: 3 });
  assert.equal(full.finishReason, 'length');
});

testWithEach(
  'a conversation: system, earlier answers with thoughts; only what is new is read',
  async (t, ai) => {
    const model = await load(t, chatModel());
    const asked = await scripted(model, ['<think>\nA name.\n</think>\n\nBob.', 'Yes.']);
    const first = [{ role: 'user', content: 'Who?' }];
    const system = 'Be brief.';
    const { response } = await ai.generateText({ model: sotto(asked), system, messages: first });
    const messages = [...first, ...response.messages, { role: 'user', content: 'Sure?' }];
    const { text, usage } = await ai.generateText({ model: sotto(asked), system, messages });
    assert.equal(text, 'Yes.');
    assert.deepEqual(asked.calls[1].messages, [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Who?' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Bob.' }], reasoning_content: 'A name.' },
      { role: 'user', content: [{ type: 'text', text: 'Sure?' }] },
    ]);
    assert.ok(usage.inputTokenDetails.cacheReadTokens > 20);
  },
);

testWithEach('an abort ends a stream, an answer and a load, and the model lives on', async (t, ai) => {
  const model = await load(t, storiesPath);
  const asked = storyTeller(model);
  const controller = new AbortController();
  const result = ai.streamText({
    model: asked,
    prompt: PROMPT,
    maxOutputTokens: 240,
    abortSignal: controller.signal,
    onError: () => {},
  });
  const types = [];
  for await (const part of result.fullStream ?? result.stream) {
    types.push(part.type);
    if (part.type === 'text-delta') controller.abort();
  }
  assert.equal(types.at(-1), 'abort');
  assert.ok(!types.includes('finish'));

  const ask = (options) =>
    ai.generateText({ model: asked, prompt: PROMPT, maxOutputTokens: 240, ...options });
  const early = new AbortController();
  const answer = ask({ abortSignal: early.signal });
  setTimeout(() => early.abort(), 5);
  await assert.rejects(answer, { name: 'AbortError' });
  const never = sotto(() => new Promise(() => {}));
  const waiting = new AbortController();
  const loading = ai.generateText({ model: never, prompt: PROMPT, abortSignal: waiting.signal });
  setTimeout(() => waiting.abort(), 5);
  await assert.rejects(loading, { name: 'AbortError' });
  const { text } = await ask({ maxOutputTokens: 5 });
  assert.ok(text.length > 0);
});

testWithEach('leaving a stream early ends the generation', async (t, ai) => {
  const model = await load(t, storiesPath);
  const generations = [];
  const chat = (...given) => generations[generations.push(model.chat(...given)) - 1];
  const asked = storyTeller({ info: model.info, chat });
  const { stream } = await asked.doStream({
    prompt: [{ role: 'user', content: [{ type: 'text', text: PROMPT }] }],
    maxOutputTokens: 240,
  });
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  await assert.rejects(generations[0].result, { name: 'AbortError' });
  assert.ok((await ai.generateText({ model: asked, prompt: PROMPT, maxOutputTokens: 3 })).text);
});

testWithEach('errors come out as they are, before a stream begins and within it', async (t, ai) => {
  const stories = await load(t, storiesPath);
  const ask = (model, options) => ai.generateText({ model, prompt: PROMPT, ...options });
  await assert.rejects(
    ask(sotto(stories)),
    sottoError('no-chat-template', /sotto\(model, \{ chatTemplate \}\)/),
  );
  const teller = storyTeller(stories);
  await assert.rejects(ask(teller, { temperature: -1 }), sottoError('bad-option', /temperature/));
  const own = { providerOptions: { sotto: { minQ: 0.1 } } };
  await assert.rejects(ask(teller, own), sottoError('unknown-option', /minP/));
  const tooLong = { prompt: `${PROMPT} `.repeat(200), maxRetries: 0 };
  await assert.rejects(ask(teller, tooLong), sottoError('prompt-too-long'));

  const errors = [];
  const onError = ({ error }) => void errors.push(error);
  const parts = await partsOf(ai.streamText({ model: teller, ...tooLong, onError }));
  assert.equal(errors.length, 1);
  assert.ok(sottoError('prompt-too-long')(errors[0]));
  assert.deepEqual(
    parts.filter(({ type }) => type === 'error').map(({ error }) => error),
    errors,
  );
  const { finishReason } = parts.find(({ type }) => type === 'finish');
  assert.equal(finishReason, 'error');
  assert.ok((await ask(teller, { maxOutputTokens: 3 })).text.length > 0);
});

testWithEach(
  'a promise or a loader: loaded once, at the first answer, anew after a failure',
  async (t, ai) => {
    const model = await load(t, storiesPath);
    let nLoads = 0;
    const lazy = storyTeller(async () => {
      if (++nLoads === 1) throw new TypeError('no network');
      return model;
    });
    assert.equal(nLoads, 0);
    assert.equal(lazy.modelId, 'model');
    const ask = (asked) =>
      ai.generateText({ model: asked, prompt: PROMPT, maxOutputTokens: 3, temperature: 0 });
    await assert.rejects(ask(lazy), { message: 'no network' });
    const [first, second] = await Promise.all([ask(lazy), ask(lazy)]);
    assert.equal(first.text, second.text);
    assert.equal(nLoads, 2);
    assert.equal(lazy.modelId, model.info.name ?? model.info.architecture);
    assert.equal((await ask(storyTeller(Promise.resolve(model), { modelId: 'tales' }))).text, first.text);
    await assert.rejects(ask(storyTeller(() => 3)), sottoError('bad-option', /LanguageModel\.load/));
  },
);

testWithEach("the SDK's own registry and middleware take it", async (t, ai) => {
  const model = storyTeller(await load(t, storiesPath), { modelId: 'tales' });
  const registry = ai.customProvider({ languageModels: { tales: model } });
  const wrapped = ai.wrapLanguageModel({
    model: registry.languageModel('tales'),
    middleware: ai.defaultSettingsMiddleware({ settings: { maxOutputTokens: 4, temperature: 0 } }),
  });
  const { usage, response } = await ai.generateText({ model: wrapped, prompt: PROMPT });
  assert.equal(usage.outputTokens, 4);
  assert.equal(response.modelId, 'tales');
});
