// What the tests of the Prompt API share: the chat fixture, whose answers a constraint forces, and the draft's errors.
import assert from 'node:assert/strict';
import { createPromptApi } from 'sotto/prompt-api';
import { chatModel } from '../api/chat-model.mjs';

/** An API over the chat fixture, that gives its model back when the test ends. */
export function promptApi(t, options = {}, model = {}) {
  const api = createPromptApi({ source: chatModel(model), ...options });
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

export const user = (content) => ({ role: 'user', content });
export const assistant = (content) => ({ role: 'assistant', content });
export const system = (content) => ({ role: 'system', content });
