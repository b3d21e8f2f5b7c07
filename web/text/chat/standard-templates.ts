/**
 * The formats that many models were trained with, for those whose files have no template: ChatML (Qwen, SmolLM and others),
 * those of Llama 3 and of Gemma 1 to 3, and Zephyr's. Written for this library after the descriptions that their makers give.
 */
export const STANDARD_TEMPLATES: Readonly<Record<string, string>> = {
  chatml: `{% for message in messages -%}
<|im_start|>{{ message['role'] }}
{{ message['content'] }}<|im_end|>
{% endfor -%}
{% if add_generation_prompt -%}
<|im_start|>assistant
{% endif -%}
`,
  llama3: `{{ bos_token }}
{%- for message in messages -%}
<|start_header_id|>{{ message['role'] }}<|end_header_id|>

{{ message['content'] | trim }}<|eot_id|>
{%- endfor -%}
{%- if add_generation_prompt -%}
<|start_header_id|>assistant<|end_header_id|>

{% endif -%}
`,
  gemma: `{{ bos_token }}
{%- set before = '' -%}
{%- set rest = messages -%}
{%- if messages[0]['role'] == 'system' -%}
{%- set before = messages[0]['content'] + '\\n\\n' -%}
{%- set rest = messages[1:] -%}
{%- endif -%}
{%- for message in rest -%}
{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
{{ raise_exception('user and assistant must take turns') }}
{%- endif -%}
<start_of_turn>{{ 'model' if message['role'] == 'assistant' else message['role'] }}
{{ (before if loop.first else '') + (message['content'] | trim) }}<end_of_turn>
{% endfor -%}
{% if add_generation_prompt -%}
<start_of_turn>model
{% endif -%}
`,
  zephyr: `{% for message in messages -%}
<|{{ message['role'] }}|>
{{ message['content'] }}{{ eos_token }}
{% endfor -%}
{% if add_generation_prompt -%}
<|assistant|>
{% endif -%}
`,
};
