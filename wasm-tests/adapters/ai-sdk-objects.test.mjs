// sotto/ai-sdk with the AI SDK itself: objects by a schema, which a form makes valid whatever the model would rather say.
import assert from 'node:assert/strict';
import { sotto } from 'sotto/ai-sdk';
import { z } from 'zod';
import { chatModel } from '../api/chat-model.mjs';
import { load, sottoError, storiesPath } from '../api/support.mjs';
import { scripted, storyTeller, testWithEach } from './ai-sdk-support.mjs';

const PROMPT = 'Once upon a time there was a little';
const CHILD = z.object({
  name: z.enum(['Lily', 'Tom', 'Max the bear']),
  age: z.number().int().min(3).max(12),
  friends: z.array(z.string().regex(/^[A-Z][a-z]{1,8}$/)).max(2),
});

testWithEach('generateText with an output: a zod schema is kept', async (t, ai) => {
  const model = storyTeller(await load(t, storiesPath));
  for (const temperature of [0, 1.5]) {
    const { output, finishReason } = await ai.generateText({
      model,
      prompt: PROMPT,
      temperature,
      seed: 3,
      maxOutputTokens: 150,
      output: ai.Output.object({ schema: CHILD }),
    });
    assert.deepEqual(CHILD.parse(output), output);
    assert.equal(finishReason, 'stop');
  }
});

testWithEach('outputs of other kinds: a choice, an array, any JSON', async (t, ai) => {
  const options = ['happy', 'sad'];
  const { output } = await ai.generateText({
    model: storyTeller(await load(t, storiesPath)),
    prompt: PROMPT,
    temperature: 0,
    output: ai.Output.choice({ options }),
  });
  assert.ok(options.includes(output), output);

  const toys = [{ toy: 'kite' }, { toy: 'ball' }];
  const model = await scripted(await load(t, chatModel()), [
    '{"elements": [{"toy": "kite"}, {"toy": "ball"}]}',
    '{"any": [1]}',
  ]);
  const ask = (asked) => ai.generateText({ model: sotto(model), prompt: 'Hello', output: asked });
  const element = z.object({ toy: z.enum(['ball', 'kite']) });
  assert.deepEqual((await ask(ai.Output.array({ element }))).output, toys);
  assert.equal(model.calls[0].options.responseFormat.type, 'json-schema');
  assert.deepEqual((await ask(ai.Output.json())).output, { any: [1] });
  assert.deepEqual(model.calls[1].options.responseFormat, { type: 'json' });
});

testWithEach('streamText with an output: parts of the object, then all of it', async (t, ai) => {
  const result = ai.streamText({
    model: storyTeller(await load(t, storiesPath)),
    prompt: PROMPT,
    maxOutputTokens: 150,
    temperature: 0,
    output: ai.Output.object({ schema: CHILD }),
  });
  const seen = [];
  for await (const part of result.partialOutputStream) seen.push(part);
  assert.ok(seen.length > 1);
  assert.deepEqual(seen.at(-1), CHILD.parse(await result.output));
});

testWithEach('generateObject and streamObject', async (t, ai) => {
  const model = storyTeller(await load(t, storiesPath));
  const ask = { model, prompt: PROMPT, maxOutputTokens: 150, temperature: 0, schema: CHILD };
  const { object } = await ai.generateObject(ask);
  assert.deepEqual(CHILD.parse(object), object);
  const streamed = ai.streamObject(ask);
  for await (const part of streamed.partialObjectStream) assert.equal(typeof part, 'object');
  assert.deepEqual(await streamed.object, object);
});

testWithEach('forms that the SDK has no name for are options of the provider', async (t, ai) => {
  const model = storyTeller(await load(t, storiesPath));
  const responseFormat = { type: 'regex', pattern: ' (cat|dog) named [A-Z][a-z]{2,5}\\.' };
  const { text } = await ai.generateText({
    model,
    prompt: PROMPT,
    maxOutputTokens: 30,
    providerOptions: { sotto: { responseFormat } },
  });
  assert.match(text, /^ (cat|dog) named [A-Z][a-z]{2,5}\.$/);
});

testWithEach(
  'a schema that cannot be kept is refused by its part, unless strictSchema is false',
  async (t, ai) => {
    const stories = await load(t, storiesPath);
    const schema = ai.jsonSchema({
      type: 'object',
      properties: { even: { not: { enum: ['x'] } } },
      required: ['even'],
      unevaluatedProperties: { pattern: '(?<=x)y' },
    });
    const ask = (settings) =>
      ai.generateText({
        model: sotto(stories, { chatTemplate: 'chatml', ...settings }),
        prompt: PROMPT,
        maxOutputTokens: 100,
        maxRetries: 0,
        temperature: 0,
        output: ai.Output.object({ schema }),
      });
    await assert.rejects(ask({}), sottoError('bad-option', /not|unevaluatedProperties/));
    const { text } = await ask({ strictSchema: false });
    assert.match(text, /^\{/);
  },
);
