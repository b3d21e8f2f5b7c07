// The model that the page carries with it.

export const EMBEDDED = {
  name: 'Tiny stories',
  source: new URL('../models/tiny-stories/', import.meta.url),
  isEmbedded: true,
};
