// Which published templates show a conversation's past as it was when it was read: of these, a turn reads only what is new.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ggufChatTemplates } from '../../build/web/loading/chat-templates.js';
import { ChatTemplate } from '../../build/web/text/jinja/template.js';

const data = new URL('../../../shared/models/data/templates/', import.meta.url);
const skip = existsSync(data) ? false : 'the published templates are not there';
const TOKENS = { bos_token: '<BOS>', eos_token: '<EOS>', tools: null, documents: null };

const user = (content) => ({ role: 'user', content });
const answer = { role: 'assistant', content: 'Hi there.' };

/** What a template makes of messages; null where it refuses them. */
function render(template, messages) {
  try {
    const context = { ...TOKENS, messages, add_generation_prompt: true };
    return template.render(context, { literal: ['messages'], now: new Date(2026, 6, 10, 12) }).text;
  } catch {
    return null;
  }
}

/** Those that show something else: thoughts that are begun for every answer, reminders before the last message. */
const ANEW = [
  'Apriel-1.6-15b-Thinker-fixed',
  'CohereForAI-c4ai-command-r7b-12-2024-tool_use',
  'GLM-4.6',
  'GLM-4.7-Flash',
  'Kimi-K2-Thinking',
  'MiniMax-M2',
  'NVIDIA-Nemotron-3-Nano-30B-A3B-BF16',
  'NVIDIA-Nemotron-Nano-v2',
  'Qwen-QwQ-32B',
  'Reka-Edge',
  'StepFun3.5-Flash',
  'deepseek-ai-DeepSeek-R1-Distill-Llama-8B',
  'deepseek-ai-DeepSeek-R1-Distill-Qwen-32B',
  'deepseek-ai-DeepSeek-V3.2',
  'google-gemma-4-31B-it-interleaved',
  'google-gemma-4-31B-it',
  'llama-cpp-deepseek-r1',
  'llama-cpp-rwkv-world',
  'meetkai-functionary-medium-v3.2',
  'openai-gpt-oss-120b',
  'stepfun-ai-Step-3.5-Flash',
  'upstage-Solar-Open-100B',
];

test('templates that show the past as it was', { skip }, () => {
  const anew = [];
  let compared = 0;
  for (const file of readdirSync(data).sort()) {
    const template = ChatTemplate.parse(readFileSync(new URL(file, data), 'utf8'));
    const first = render(template, [user('Hello')]);
    const second = render(template, [user('Hello'), answer, user('And?')]);
    if (first === null || second === null) continue;
    compared++;
    if (!second.startsWith(`${first}${answer.content}`)) anew.push(file.replace(/\.jinja$/, ''));
  }
  assert.ok(compared > 45, `${compared} templates`);
  assert.deepEqual(anew, ANEW);
});

test('templates of a GGUF file, by name', () => {
  const metadata = new Map([
    ['general.architecture', 'llama'],
    ['tokenizer.chat_template', 'D'],
    ['tokenizer.chat_template.tool_use', 'T'],
    ['tokenizer.chat_template.empty', ''],
    ['tokenizer.chat_templates', ['tool_use']],
  ]);
  assert.deepEqual(
    [...ggufChatTemplates(metadata)],
    [
      ['default', 'D'],
      ['tool_use', 'T'],
    ],
  );
});
