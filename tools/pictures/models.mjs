// The embedded model as the pictures need it: in each type of weights, one thread, nothing kept between runs.
import { LanguageModel } from 'sotto';
import { inRepository } from '../lib/folders.mjs';

export const FOLDER = inRepository('demo/models/tiny-stories');

export const WEIGHTS = ['f32', 'q8', 'q4'];

/** @param {import('sotto').LoadOptions} [options] */
export const loadModel = (options) =>
  LanguageModel.load(FOLDER, { weights: 'f32', threads: 1, prefixCache: 0, ...options });

/**
 * Gives `use` the model in each type of weights, by its name.
 *
 * @template T
 * @param {(models: Record<'f32' | 'q8' | 'q4', LanguageModel>) => Promise<T>} use
 */
export async function withModels(use) {
  const models = {};
  try {
    for (const weights of WEIGHTS) models[weights] = await loadModel({ weights });
    return await use(models);
  } finally {
    await Promise.all(Object.values(models).map((model) => model.dispose()));
  }
}

/** The logits behind a text. */
export async function logitsAfter(model, input) {
  const session = await model.createSession();
  try {
    await session.append(input);
    return await session.logits();
  } finally {
    await session.dispose();
  }
}
