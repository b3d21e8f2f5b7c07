// A small model with the tokens of a chat. What it says is forced by the tests: its weights are random.
import { byteLevelJson } from '../text/tiny-tokenizers.mjs';
import { randomModel } from './make-weights.mjs';
import { Random } from './session-reference.mjs';
import { jsonBytes } from './support.mjs';

/** ChatML with thoughts and tool calls, in the way of Qwen's templates: thoughts of earlier turns are left out. */
export const TEMPLATE = `{%- if tools %}<|im_start|>tools
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<|im_end|>
{% endif %}
{%- for message in messages %}<|im_start|>{{ message.role }}
{% if message.reasoning_content and loop.last %}<think>
{{ message.reasoning_content }}
</think>

{% endif %}
{{- message.content }}
{%- for call in message.tool_calls or [] %}<tool_call>
{"name": {{ call.function.name | tojson }}, "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% if enable_thinking is defined and not enable_thinking %}<think>

</think>

{% endif %}{% endif %}`;

const MERGES = [
  ['H', 'i'],
  ['e', 'l'],
  ['l', 'o'],
];
const SPECIAL = ['<|im_start|>', '<|im_end|>'];
const MARKERS = ['<think>', '</think>', '<tool_call>', '</tool_call>'];

function tokenizerJson() {
  const json = byteLevelJson(MERGES);
  const base = 256 + MERGES.length;
  const added = [
    ...SPECIAL.map((content) => ({ content, special: true })),
    ...MARKERS.map((content) => ({ content, special: false })),
  ];
  json.added_tokens = added.map((token, index) => ({ id: base + index, normalized: false, ...token }));
  return json;
}

/** The ids of its added tokens by their text. */
export const TOKENS = Object.fromEntries(
  tokenizerJson().added_tokens.map(({ id, content }) => [content, id]),
);

/** Its vocabulary, which nothing is left of. */
export const VOCAB_SIZE = 256 + MERGES.length + SPECIAL.length + MARKERS.length;

/**
 * @param files Others to put beside, by name; those that are null are left out.
 * @param chatTemplate What tokenizer_config.json says of it.
 */
export function chatModel({ chatTemplate = TEMPLATE, files = {}, n_positions = 1024 } = {}) {
  const config = { n_positions, n_embd: 16, n_head: 2, n_layer: 1, vocab_size: VOCAB_SIZE };
  const all = {
    ...randomModel(config, new Random(7)),
    'tokenizer.json': jsonBytes(tokenizerJson()),
    'tokenizer_config.json': jsonBytes({
      tokenizer_class: 'PreTrainedTokenizerFast',
      eos_token: '<|im_end|>',
      ...(chatTemplate !== null && { chat_template: chatTemplate }),
    }),
    ...files,
  };
  return Object.fromEntries(Object.entries(all).filter(([, bytes]) => bytes !== null));
}

/** Makes the model say a text, and end its turn there. */
export async function says(model, text, { ends = true } = {}) {
  const ids = text === '' ? [] : await model.encode(text);
  const forcedTokens = [...ids, ...(ends ? [TOKENS['<|im_end|>']] : [])];
  return { forcedTokens, maxNewTokens: forcedTokens.length, temperature: 0 };
}
