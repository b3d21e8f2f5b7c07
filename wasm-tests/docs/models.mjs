// The models that documents speak of, and what they answer.
import { LanguageModel } from 'sotto';
import { chatModel } from '../api/chat-model.mjs';
import { startHub } from '../sources/hub-server.mjs';
import { PACKAGES } from './installed.mjs';

export const HUB_MODEL = 'HuggingFaceTB/SmolLM2-135M-Instruct';

const HUB = 'https://huggingface.co';
const MAX_NEW_TOKENS = 900; // long enough to be stopped

/** What stands for the hub's model: it has a chat template, and its weights are random. */
export const hubFiles = chatModel({
  files: { 'generation_config.json': Buffer.from(JSON.stringify({ max_new_tokens: MAX_NEW_TOKENS })) },
});

/** A hub with that model and others, until `t` ends. */
export async function hubFor(t, repos = {}) {
  const hub = await startHub({ repos: { [HUB_MODEL]: { files: hubFiles }, ...repos } });
  t.after(() => hub.close());
  return hub;
}

/** Has this process find a hub, and files by their address, where documents say that they are, until `t` ends. */
export function reachHub(t, hub, files = {}) {
  const { fetch } = globalThis;
  globalThis.fetch = async (url, init) => {
    const text = String(url);
    if (text.startsWith(`${HUB}/`)) return fetch(hub.endpoint + text.slice(HUB.length), init);
    const file = Object.keys(files).find((address) => new URL(address).href === new URL(text).href);
    if (file === undefined) return fetch(url, init);
    const headers = { 'Content-Length': String(files[file].length) };
    return new Response(files[file], { headers });
  };
  t.after(() => {
    globalThis.fetch = fetch;
  });
}

/** A model of this process, until `t` ends. */
export async function loadFor(t, source, options) {
  const model = await LanguageModel.load(source, options);
  t.after(() => model.dispose());
  return model;
}

/** The embedded model, which tells stories. */
export const loadStories = (t, options) => loadFor(t, PACKAGES['sotto-tiny-stories'], options);

/** What the hub's model answers. */
export async function answerOf(question, options) {
  const model = await LanguageModel.load(hubFiles);
  const text = await model.chat([{ role: 'user', content: question }], options).text();
  await model.dispose();
  return text;
}

/** What the embedded model writes. */
export async function storyOf(prompt, options) {
  const model = await LanguageModel.load(PACKAGES['sotto-tiny-stories']);
  const text = await model.generate(prompt, options).text();
  await model.dispose();
  return text;
}
