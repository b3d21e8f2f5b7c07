// The held text as the windows of tokens that quality is measured on.
import { readFile } from 'node:fs/promises';

const HELD_STORIES = new URL('../../wasm-tests/fixtures/quality/held-stories.txt', import.meta.url);

export const WINDOW_TOKENS = 256;

/**
 * Windows of 256 tokens, each of whole stories from a begin token on, cut at the end.
 *
 * @returns {Promise<number[][]>}
 */
export async function heldWindows(tokenizer) {
  const stories = (await readFile(HELD_STORIES, 'utf8'))
    .split('<|endoftext|>')
    .map((story) => story.trim())
    .filter((story) => story !== '');
  const windows = [];
  let window = [];
  for (const story of stories) {
    const ids = tokenizer.encode(story);
    if (ids[0] !== tokenizer.bosTokenId) window.push(tokenizer.bosTokenId);
    window.push(...ids);
    if (window.length < WINDOW_TOKENS) continue;
    windows.push(window.slice(0, WINDOW_TOKENS));
    window = [];
  }
  return windows;
}
