// sotto/ai-sdk with the AI SDK itself: tools, calls, loops.
import assert from 'node:assert/strict';
import { sotto } from 'sotto/ai-sdk';
import { z } from 'zod';
import { chatModel } from '../api/chat-model.mjs';
import { load, sottoError } from '../api/support.mjs';
import { joined, partsOf, scripted, testWithEach } from './ai-sdk-support.mjs';

const callText = (city) => `<tool_call>\n{"name": "weather", "arguments": {"city": "${city}"}}\n</tool_call>`;

function weatherTool(ai, asked = []) {
  return ai.tool({
    description: 'The weather of a city, now.',
    inputSchema: z.object({ city: z.string().max(8) }),
    execute: async ({ city }) => {
      asked.push(city);
      return { city, degrees: 12 };
    },
  });
}

testWithEach('generateText runs tools and comes back with their results', async (t, ai) => {
  const model = await scripted(await load(t, chatModel()), [
    `<think>\nWhere?\n</think>\n\nLet me see. ${callText('Bern')}${callText('Rome')}`,
    'Cold in both.',
  ]);
  const asked = [];
  const { text, steps, finishReason } = await ai.generateText({
    model: sotto(model),
    prompt: 'How is the weather?',
    tools: { weather: weatherTool(ai, asked) },
    stopWhen: ai.stepCountIs(3),
  });
  assert.equal(text, 'Cold in both.');
  assert.equal(finishReason, 'stop');
  assert.deepEqual(asked.sort(), ['Bern', 'Rome']);
  assert.equal(steps.length, 2);
  assert.equal(steps[0].finishReason, 'tool-calls');
  assert.equal(steps[0].text, 'Let me see. ');
  assert.equal(steps[0].reasoningText, 'Where?');
  const ids = steps[0].toolCalls.map(({ toolCallId }) => toolCallId);
  assert.equal(new Set(ids).size, 2);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9]{9}$/);

  const [first, second] = model.calls;
  const [described] = first.options.tools;
  assert.equal(described.name, 'weather');
  assert.equal(described.description, 'The weather of a city, now.');
  assert.deepEqual(described.parameters.required, ['city']);
  const call = (id, city) => ({ type: 'function', id, function: { name: 'weather', arguments: { city } } });
  const result = (id, city) => ({
    role: 'tool',
    tool_call_id: id,
    name: 'weather',
    content: JSON.stringify({ city, degrees: 12 }),
  });
  assert.deepEqual(second.messages.slice(1), [
    {
      role: 'assistant',
      content: [{ type: 'text', text: 'Let me see. ' }],
      reasoning_content: 'Where?',
      tool_calls: [call(ids[0], 'Bern'), call(ids[1], 'Rome')],
    },
    result(ids[0], 'Bern'),
    result(ids[1], 'Rome'),
  ]);
});

testWithEach('streamText tells of a call: its input, then the call, then the result', async (t, ai) => {
  const model = await scripted(await load(t, chatModel()), [`Wait. ${callText('Bern')}`, '12 degrees.']);
  const parts = await partsOf(
    ai.streamText({
      model: sotto(model),
      prompt: 'How is the weather?',
      tools: { weather: weatherTool(ai) },
      stopWhen: ai.stepCountIs(3),
    }),
  );
  assert.deepEqual(
    joined(parts).map(([, text]) => text),
    ['Wait. ', '12 degrees.'],
  );
  const ofTool = parts.filter(({ type }) => type.startsWith('tool-'));
  assert.deepEqual(
    ofTool.map(({ type }) => type),
    ['tool-input-start', 'tool-input-delta', 'tool-input-end', 'tool-call', 'tool-result'],
  );
  assert.deepEqual(ofTool[3].input, { city: 'Bern' });
  assert.deepEqual(JSON.parse(ofTool[1].delta), { city: 'Bern' });
  assert.equal(new Set(ofTool.map(({ id, toolCallId }) => id ?? toolCallId)).size, 1);
  assert.deepEqual(ofTool[4].output, { city: 'Bern', degrees: 12 });
});

testWithEach('toolChoice: a model with random weights calls when it has to, by the schema', async (t, ai) => {
  const model = sotto(await load(t, chatModel({ n_positions: 4096 })));
  const tools = {
    weather: ai.tool({ inputSchema: z.object({ city: z.enum(['Bern', 'Rome']) }) }),
    clock: ai.tool({ inputSchema: z.object({ zone: z.number().int().min(-12).max(12) }) }),
  };
  const ask = (toolChoice, more) =>
    ai.generateText({ model, prompt: 'Hello', tools, toolChoice, maxOutputTokens: 200, ...more });
  const named = await ask({ type: 'tool', toolName: 'clock' });
  assert.equal(named.finishReason, 'tool-calls');
  assert.deepEqual(
    named.toolCalls.map(({ toolName }) => toolName),
    ['clock'],
  );
  const { zone } = named.toolCalls[0].input;
  assert.ok(Number.isInteger(zone) && Math.abs(zone) <= 12, `${zone}`);
  const required = await ask('required', { temperature: 1, seed: 5, maxOutputTokens: 600 });
  assert.ok(required.toolCalls.length > 0);
  for (const { toolName, input } of required.toolCalls) {
    if (toolName === 'weather') assert.ok(['Bern', 'Rome'].includes(input.city));
    else assert.ok(Number.isInteger(input.zone));
  }
  for (const choice of ['none', 'auto']) {
    const { toolCalls } = await ask(choice, { maxOutputTokens: 20 });
    assert.deepEqual(toolCalls, []);
  }
  await assert.rejects(
    ask({ type: 'tool', toolName: 'calendar' }, { maxRetries: 0 }),
    sottoError('bad-option', /calendar/),
  );
});

testWithEach('a call that breaks is text, and the metadata say why', async (t, ai) => {
  const broken = '<tool_call>\n{"name": "weather", "arguments": {\n</tool_call>';
  const model = await scripted(await load(t, chatModel()), [broken]);
  const { text, toolCalls, providerMetadata } = await ai.generateText({
    model: sotto(model),
    prompt: 'Hello',
  });
  assert.equal(text, broken);
  assert.deepEqual(toolCalls, []);
  assert.equal(providerMetadata.sotto.brokenCalls.length, 1);
});

testWithEach('what a tool throws goes back to the model as a message', async (t, ai) => {
  const model = await scripted(await load(t, chatModel()), [callText('Bern'), 'Sorry.']);
  const weather = ai.tool({
    inputSchema: z.object({ city: z.string() }),
    execute: async () => {
      throw new Error('no thermometer');
    },
  });
  await ai.generateText({
    model: sotto(model),
    prompt: 'Hello',
    tools: { weather },
    stopWhen: ai.stepCountIs(2),
  });
  const last = model.calls[1].messages.at(-1);
  assert.equal(last.role, 'tool');
  assert.match(last.content, /no thermometer/);
});
