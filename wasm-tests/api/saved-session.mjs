// The session whose bytes lie in wasm-tests/fixtures/saved-session.bin.
import { LanguageModel } from 'sotto';
import { fixturePath } from './support.mjs';

export const MODEL = 'odd-8';
export const WEIGHTS = 'q8';
export const TOKENS = [1, 2, 3, 4, 5];

/** Makes it anew. @returns Its bytes. */
export async function saveSession() {
  const model = await LanguageModel.load(fixturePath(MODEL), { weights: WEIGHTS });
  try {
    const session = await model.createSession();
    await session.append(TOKENS);
    return await session.save();
  } finally {
    await model.dispose();
  }
}
