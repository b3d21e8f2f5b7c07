// What tokenizer.json would have around a model: the steps that GGUF files only name.
import type { JsonObject } from '../../base/json.js';

/** What stands for a space in a vocabulary whose tokens are text. */
export const SPACE = '\u2581';

/** GPT-2's letters for bytes. */
export const BYTES = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };

/** As SentencePiece's normalizer does it. */
export const WITHOUT_EXTRA_SPACES = [
  { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' },
  { type: 'Replace', pattern: { Regex: String.raw`(?<![\s\S]) | (?![\s\S])` }, content: '' },
];

/** Before a text that is not empty. */
export const FIRST_SPACE = {
  type: 'Replace',
  pattern: { Regex: String.raw`(?<![\s\S])(?=[\s\S])` },
  content: SPACE,
};

export function isolated(pattern: string): JsonObject {
  return { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false };
}

export function sequence(key: string, steps: readonly JsonObject[]): JsonObject {
  return { type: 'Sequence', [key]: steps };
}

export function textDecoder(stripsSpace: boolean): JsonObject {
  return sequence('decoders', [
    { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    ...(stripsSpace ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ]);
}

export function endTemplate(id: number): JsonObject {
  return {
    type: 'TemplateProcessing',
    single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: 'end', type_id: 0 } }],
    special_tokens: { end: { ids: [id] } },
  };
}

/** Whether a token has a space behind something else, so that words are no words of their own. */
export function hasInnerSpace(token: string): boolean {
  return /[^\u2581]\u2581/.test(token);
}
