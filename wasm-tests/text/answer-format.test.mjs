import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { answerFormatOf } from '../../build/web/text/answer/answer-format.js';
import { calls, partsOf, split, tokensOf } from './answer-runs.mjs';

const data = new URL('../../../shared/models/data/', import.meta.url);
const rendered = new URL('golden/chat-rendered.json', data);
const isThere = existsSync(rendered);
const skip = isThere ? false : 'the chat templates are not there';

/** Template, the marker that begins thinking, the syntax of calls. */
const FORMATS = [
  ['Apertus-8B-Instruct', '<|inner_prefix|>', 'apertus'],
  ['Apriel-1.6-15b-Thinker-fixed', 'Here are my reasoning steps:', 'tool-calls-tag'],
  ['Bielik-11B-v3.0-Instruct', '<think>', 'hermes'],
  ['ByteDance-Seed-OSS', '<seed:think>', 'seed'],
  ['CohereForAI-c4ai-command-r-plus-tool_use', null, 'command-r-plus'],
  ['CohereForAI-c4ai-command-r7b-12-2024-tool_use', '<|START_THINKING|>', 'command-r7b'],
  ['GLM-4.6', '<think>', 'glm'],
  ['GLM-4.7-Flash', '<think>', 'glm'],
  ['GigaChat3-10B-A1.8B', null, 'function-call-role'],
  ['GigaChat3.1-10B-A1.8B', null, 'gigachat'],
  ['HuggingFaceTB-SmolLM3-3B', '<think>', null],
  ['Kimi-K2-Instruct', null, 'kimi'],
  ['Kimi-K2-Thinking', '<think>', 'kimi'],
  ['LFM2-8B-A1B', null, 'lfm2'],
  ['LFM2.5-8B-A1B', '<think>', 'lfm2'],
  ['MiMo-VL', null, 'hermes'],
  ['MiniMax-M2', '<think>', 'minimax'],
  ['Mistral-Small-3.2-24B-Instruct-2506', null, 'mistral'],
  ['NVIDIA-Nemotron-3-Nano-30B-A3B-BF16', '<think>', 'function-parameters'],
  ['NVIDIA-Nemotron-Nano-v2', '<think>', 'nemotron'],
  ['NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use', null, 'hermes'],
  ['NousResearch-Hermes-3-Llama-3.1-8B-tool_use', null, 'hermes'],
  ['Qwen-QwQ-32B', '<think>', 'hermes'],
  ['Qwen-Qwen2.5-7B-Instruct', null, 'hermes'],
  ['Qwen-Qwen3-0.6B', '<think>', 'hermes'],
  ['Qwen3-Coder', null, 'function-parameters'],
  ['Reka-Edge', '<think>', 'hermes'],
  ['StepFun3.5-Flash', '<think>', 'function-parameters'],
  ['deepseek-ai-DeepSeek-R1-Distill-Llama-8B', '<think>', 'deepseek'],
  ['deepseek-ai-DeepSeek-R1-Distill-Qwen-32B', '<think>', 'deepseek'],
  ['deepseek-ai-DeepSeek-V3.1', '<think>', 'deepseek'],
  ['deepseek-ai-DeepSeek-V3.2', '<think>', 'dsml'],
  ['fireworks-ai-llama-3-firefunction-v2', null, 'functools'],
  ['google-gemma-2-2b-it', null, null],
  ['google-gemma-4-31B-it-interleaved', '<|channel>thought', 'gemma'],
  ['google-gemma-4-31B-it', '<|channel>thought', 'gemma'],
  ['ibm-granite-granite-3.3-2B-Instruct', '<think>', 'tool-call-token'],
  ['ibm-granite-granite-4.0', null, 'hermes'],
  ['llama-cpp-deepseek-r1', '<think>', 'deepseek'],
  ['llama-cpp-rwkv-world', '<think>', null],
  ['meetkai-functionary-medium-v3.1', null, 'function-json'],
  ['meetkai-functionary-medium-v3.2', null, 'recipients'],
  ['meta-llama-Llama-3.1-8B-Instruct', null, 'bare'],
  ['meta-llama-Llama-3.2-3B-Instruct', null, 'bare'],
  ['meta-llama-Llama-3.3-70B-Instruct', null, 'bare'],
  ['microsoft-Phi-3.5-mini-instruct', null, null],
  ['mistralai-Ministral-3-14B-Reasoning-2512', '[THINK]', 'mistral'],
  ['mistralai-Mistral-Nemo-Instruct-2407', null, 'mistral'],
  ['moonshotai-Kimi-K2', null, 'kimi'],
  ['openai-gpt-oss-120b', '<|channel|>analysis<|message|>', 'channels'],
  ['stepfun-ai-Step-3.5-Flash', '<think>', 'function-parameters'],
  ['unsloth-Apriel-1.5', 'Here are my reasoning steps:', 'tool-calls-tag'],
  ['unsloth-mistral-Devstral-Small-2507', null, 'mistral'],
  ['upstage-Solar-Open-100B', '<|think|>', 'solar'],
];

const readTemplate = (name) => readFileSync(new URL(`templates/${name}.jinja`, data), 'utf8');

test('the format of every template', { skip }, () => {
  const names = readdirSync(new URL('templates/', data)).map((file) => file.replace(/\.jinja$/, ''));
  const found = names.map((name) => {
    const { thinking, toolCalls } = answerFormatOf(readTemplate(name));
    return [name, thinking?.begin ?? null, toolCalls?.name ?? null];
  });
  assert.deepEqual(found.sort(), [...FORMATS].sort());
});

test('a template without anything of it has no format', () => {
  assert.deepEqual(answerFormatOf("{{ messages[0]['content'] }}"), { thinking: null, toolCalls: null });
});

test('the format of a long template is found in linear time', () => {
  for (const text of ['<tool_call>', '<function=', '<think', '[']) {
    assert.ok(answerFormatOf(text.repeat(1e5)));
  }
});

const GOLDEN = isThere ? JSON.parse(readFileSync(rendered, 'utf8')) : { rows: [], conversations: {} };
const rowOf = (template, name) =>
  GOLDEN.rows.find((row) => row.template === template && row.case === name)?.rendered ?? null;

/** What the renderings of two conversations have in common at their beginning. */
function commonLength(a, b) {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  // Not within a marker.
  return length - (/<[^<>]*$/.exec(a.slice(0, length))?.[0].length ?? 0);
}

// What looks like a special token; whether it is one depends on the model, so both are tried.
const SPECIAL = /<[|｜][^<>\n]*>|<[^<>|\n]*\|>|<\/?(?:tool_call|think|arg_key|arg_value)>|\[[A-Z_]+\]/g;

let nRead = 0;
for (const [name] of FORMATS) {
  const whole = rowOf(name, 'toolcall');
  const prompt = rowOf(name, 'tools');
  if (whole === null || prompt === null) continue;
  const begin = commonLength(whole, prompt);
  const result = /\{\\?"temp/.exec(whole.slice(begin));
  const [answer] = whole.slice(begin, begin + (result?.index ?? 0)).split('<|call|>'); // which ends the answer
  if (!answer.includes('get_weather')) continue; // the template does not show calls
  nRead++;
  test(`${name}: the call of a conversation comes back`, () => {
    const format = answerFormatOf(readTemplate(name));
    for (const specials of [[], [...new Set(answer.match(SPECIAL) ?? [])]]) {
      for (const length of [1, 3, answer.length]) {
        const tokens = split(tokensOf(answer, specials), () => length);
        const parts = partsOf(format, tokens, { specials, prompt: whole.slice(0, begin) });
        const { arguments: given, name: called } =
          GOLDEN.conversations.toolcall.messages[1].tool_calls[0].function;
        assert.deepEqual(
          calls(parts).map((call) => [call.name, call.arguments]),
          [[called, given]],
          JSON.stringify(parts),
        );
        for (const { id } of calls(parts)) assert.ok(id === null || answer.includes(id));
        assert.ok(!parts.some((part) => 'reason' in part));
      }
    }
  });
}

test('calls of enough templates have been read', { skip }, () => assert.ok(nRead >= 30, `${nRead}`));
