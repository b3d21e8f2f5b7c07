import { SottoError } from '../results/errors.js';

/** An object out of a JSON file, with nothing known about it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Parts that a tokenizer.json may leave out, and what stands for them. */
const ABSENT_PARTS = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };

/** What can be run. The library would take an unknown kind for a table of whole words. */
const MODEL_TYPES: readonly unknown[] = ['BPE', 'Unigram', 'WordPiece'];

const MAX_TOKEN_ID = 2 ** 31 - 1;

/**
 * Checks what the tokenizer library takes for granted in a tokenizer.json: ids that are none would come out as
 * prompts for the model.
 *
 * @returns The content, complete.
 * @throws SottoError 'bad-file' when it is damaged, 'unsupported-tokenizer' for a model of an unknown type.
 */
export function checkTokenizerJson(json: unknown): JsonObject {
  if (!isObject(json)) throw bad('it holds no JSON object');
  const { model } = json;
  if (!isObject(model)) throw bad('it has no model');
  // Old files of GPT-2 do not name the type.
  const type = model.type ?? (Array.isArray(model.merges) ? 'BPE' : null);
  if (!MODEL_TYPES.includes(type)) {
    throw new SottoError(
      'unsupported-tokenizer',
      `tokenizer.json: the model's type is ${JSON.stringify(String(type).slice(0, 80))}; this version of sotto runs ` +
        `only: ${MODEL_TYPES.join(', ')}. Without the file, prompts and results are token ids.`,
    );
  }
  const { vocab } = model;
  if (isObject(vocab)) {
    for (const [token, id] of Object.entries(vocab)) checkId(token, id);
  }
  const addedTokens = json.added_tokens ?? [];
  if (!Array.isArray(addedTokens)) throw bad('added_tokens is no list');
  for (const token of addedTokens as unknown[]) {
    const content = isObject(token) ? token.content : undefined;
    if (!isObject(token) || typeof content !== 'string' || content === '') {
      throw bad('added_tokens holds an entry without content');
    }
    checkId(content, token.id);
  }
  return { ...ABSENT_PARTS, ...json, model: { ...model, type }, added_tokens: addedTokens };
}

function checkId(token: string, id: unknown): void {
  if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > MAX_TOKEN_ID) {
    const shown = typeof id === 'number' ? id : typeof id;
    throw bad(`token ${JSON.stringify(token.slice(0, 80))} has the id ${shown}, which is none`);
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(problem: string): SottoError {
  return new SottoError('bad-file', `tokenizer.json is damaged: ${problem}. Download the file again.`);
}
