// What the tests of the Prompt API share: the chat fixture, whose answers a constraint forces, and the draft's errors.
import assert from 'node:assert/strict';
import { createPromptApi } from 'sotto/prompt-api';
import { chatModel } from '../api/chat-model.mjs';

/** ChatML without thoughts, which might come before an answer that is to have a form. */
const TEMPLATE = `{%- for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;

/** An API over the chat fixture, that gives its model back when the test ends. */
export function promptApi(t, options = {}, model = {}) {
  const api = createPromptApi({ source: plainModel(model), ...options });
  t.after(() => api.unload());
  return api;
}

/** The options of a prompt whose answer is just this text. */
export const says = (text) => ({
  responseConstraint: new RegExp(text.replace(/[^\w ]/g, '\\$&')),
});

/** What `assert.rejects` takes to check for a DOMException. */
export function domError(name, message = /./, code = undefined) {
  return (error) => {
    assert.ok(error instanceof DOMException, `not a DOMException: ${error?.stack ?? error}`);
    assert.equal(error.name, name, error.message);
    assert.match(error.message, message);
    if (code !== undefined) assert.equal(error.cause?.code, code);
    return true;
  };
}

/** A model of the chat fixture that does not think. */
export const plainModel = (more = {}) => chatModel({ chatTemplate: TEMPLATE, ...more });

export const user = (content) => ({ role: 'user', content });
export const assistant = (content) => ({ role: 'assistant', content });
export const system = (content) => ({ role: 'system', content });
