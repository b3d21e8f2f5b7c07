// The AI SDK itself, in the versions that the adapter serves, and models that say what a test wants.
import { test } from 'node:test';
import { sotto } from 'sotto/ai-sdk';
import { says } from '../api/chat-model.mjs';

globalThis.AI_SDK_LOG_WARNINGS = false;

/** Its messages, one behind the other: the format of a model that only continues texts. */
export const PLAIN_TEMPLATE = '{% for message in messages %}{{ message.content }}{% endfor %}';

const nodeVersion = Number(process.versions.node.split('.')[0]);

/** `ai` 7 asks for Node 22; where an older one cannot read it, its tests are skipped. */
async function sdk(name, leastNode) {
  try {
    return { name, ai: await import(name) };
  } catch (error) {
    if (nodeVersion >= leastNode) throw error;
    return { name, skip: `${name} does not load in Node ${nodeVersion}: ${error.message}` };
  }
}

const SDKS = [await sdk('ai6', 18), await sdk('ai7', 22)];

/** A test with each version of the SDK. */
export function testWithEach(title, body) {
  for (const { name, ai, skip } of SDKS) test(`${name}: ${title}`, { skip }, (t) => body(t, ai));
}

/** A model whose answers are given, one for each time that it is asked; `calls` tells what it was asked. */
export async function scripted(model, answers) {
  const turns = await Promise.all(answers.map((answer) => says(model, answer)));
  const calls = [];
  const chat = (messages, options) => {
    calls.push({ messages, options });
    const { forcedTokens, maxNewTokens } = turns.shift();
    return model.chat(messages, { ...options, forcedTokens, maxNewTokens });
  };
  return { info: model.info, chat, calls };
}

/** The story model for the SDK. */
export function storyTeller(model, settings) {
  return sotto(model, { chatTemplate: PLAIN_TEMPLATE, ...settings });
}

/** The parts of a stream of the SDK's, as `ai` 6 or 7 has it. */
export async function partsOf(result) {
  const parts = [];
  for await (const part of result.fullStream ?? result.stream) parts.push(part);
  return parts;
}

/** Parts without those that only begin and end something, neighbours of one type and block joined. */
export function joined(parts) {
  const texts = [];
  for (const { type, id, text } of parts) {
    if (type !== 'text-delta' && type !== 'reasoning-delta') continue;
    const last = texts.at(-1);
    if (last?.id === id) last.text += text;
    else texts.push({ type, id, text });
  }
  return texts.map(({ type, text }) => [type.replace('-delta', ''), text]);
}
