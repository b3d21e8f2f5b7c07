// The page's own model is on its way before the rest of the page's scripts are: they are many, and it is what takes
// longest. Whoever loads it first takes it from here.

import { LanguageModel } from '../sotto/index.js';
import { EMBEDDED } from './embedded-model.js';

/** In a tab that nobody looks at there are no frames. */
const MOST_MS = 100;

// The page is painted first: what begins here takes all of the processor that there is.
await new Promise((resolve) => {
  requestAnimationFrame(() => setTimeout(resolve));
  setTimeout(resolve, MOST_MS);
});

const controller = new AbortController();
/** How far it was before anybody listened. */
let progress = null;
let onProgress = (next) => {
  progress = next;
};

let model = LanguageModel.load(EMBEDDED.source, {
  ...EMBEDDED.options,
  onProgress: (next) => onProgress(next),
  signal: controller.signal,
});
model.catch(() => {}); // who takes it hears of it

/**
 * @param {{ onProgress(progress: import('../../web/index.ts').LoadProgress): void, signal: AbortSignal }} options
 * @returns {Promise<LanguageModel> | null} null where it was taken already
 */
export function takeFirstLoad(options) {
  if (model === null) return null;
  const taken = model;
  model = null;
  onProgress = options.onProgress;
  if (progress !== null) onProgress(progress);
  options.signal.addEventListener('abort', () => controller.abort(options.signal.reason));
  return taken;
}
