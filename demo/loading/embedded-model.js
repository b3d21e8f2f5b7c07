// The model that the page carries with it. It is one of the page's files, which the service worker keeps when the first text
// is being written; keeping it in the library's store, too, would be before the first word.

export const EMBEDDED = {
  name: 'Tiny stories',
  source: new URL('../models/tiny-stories/', import.meta.url),
  options: { store: false },
  isEmbedded: true,
};
