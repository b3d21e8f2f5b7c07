// The model that the page carries with it. It is one of the page's files, which the service worker keeps when the first text
// is being written; keeping it in the library's store, too, would be before the first word.

const FOLDER = new URL('../models/tiny-stories/', import.meta.url);

/** Named one by one: nothing else is looked for. */
const FILES = [
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
];

export const EMBEDDED = {
  name: 'Tiny stories',
  source: Object.fromEntries(FILES.map((name) => [name, new URL(name, FOLDER)])),
  options: { store: false },
  isEmbedded: true,
};
