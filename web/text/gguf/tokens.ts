import { shown } from '../../base/json.js';
import { quoted } from '../../base/quoted.js';
import { MAX_TOKEN_LENGTH } from '../tokenizer/make-model.js';
import { END_TEXTS, FILL_IN_TEXTS } from './end-tokens.js';
import { damaged, type MetadataReader } from './metadata-reader.js';

/** What `tokenizer.ggml.token_type` says of a token. */
export const NORMAL = 1;
export const UNKNOWN = 2;
export const CONTROL = 3;
export const USER_DEFINED = 4;
export const UNUSED = 5;
export const BYTE = 6;

/** The tokens of a GGUF file's vocabulary, by id. */
export interface GgufTokens {
  readonly texts: readonly string[];
  readonly types: Uint8Array;
}

/** What tokenizer.json would have for a token outside of the learnt vocabulary. */
export interface AddedTokenJson {
  id: number;
  content: string;
  special: boolean;
  normalized: false;
  lstrip: boolean;
  rstrip: boolean;
}

/** What tells of flags of tokens that the file does not have. */
export interface TokenHabits {
  modelName: string;
  /** Whether the token for a gap takes the white space before it. */
  stripsBeforeGap: boolean;
}

/** Longer ones would make long work of texts that look like them. */
const MAX_ADDED_LENGTH = 512;

/** @throws SottoError 'bad-file' where tokens and types are not as they should be. */
export function readTokens(reader: MetadataReader): GgufTokens {
  const texts = reader.texts('tokens');
  if (texts.length === 0) throw reader.bad('tokens', 'should not be empty');
  const given = reader.numbers('token_type', texts.length);
  const types = new Uint8Array(texts.length).fill(NORMAL);
  texts.forEach((text, id) => {
    if (text.length > MAX_TOKEN_LENGTH) {
      throw damaged(`tokenizer.ggml.tokens[${id}], ${quoted(text, 40)}, has ${text.length} characters`);
    }
    const type = given?.[id] ?? NORMAL;
    if (!Number.isInteger(type) || type < 0 || type > BYTE) {
      throw damaged(
        `tokenizer.ggml.token_type[${id}], of the token ${quoted(text, 40)}, is ${shown(type)}, and should be from 0 to ${BYTE}`,
      );
    }
    const isNormal = type === NORMAL || type === 0; // that is "undefined"
    types[id] = isNormal ? NORMAL : type;
    // Some files do not say of these that they steer the model.
    const steers = END_TEXTS.has(text) || FILL_IN_TEXTS.has(text);
    if (steers && (type === USER_DEFINED || (isNormal && !isLearnt(reader, text)))) types[id] = CONTROL;
  });
  return { texts, types };
}

/** Whether a token is what two others are merged to. */
function isLearnt(reader: MetadataReader, text: string): boolean {
  if (reader.get('merges') === undefined) return false;
  return reader
    .texts('merges')
    .some((merge) => merge.length === text.length + 1 && merge.replace(/(?<=.) /su, '') === text);
}

/** Whether a token has no text of its own, and no text becomes it by merging. */
export function isOutside({ texts, types }: GgufTokens, id: number): boolean {
  const type = types[id];
  return texts[id] === '' || type === UNKNOWN || type === CONTROL || type === UNUSED;
}

/**
 * Those that are looked for in a text before anything else: control tokens, user-defined ones, and that for the unknown.
 *
 * @param named Ids that keys name: unused ones are used then, and of several with the same text it is the one that is meant, which
 *   otherwise is the last.
 */
export function addedTokens(
  tokens: GgufTokens,
  named: ReadonlySet<number>,
  { modelName, stripsBeforeGap }: TokenHabits,
): AddedTokenJson[] {
  const byText = new Map<string, number>();
  tokens.texts.forEach((text, id) => {
    const type = tokens.types[id];
    if (text === '' || type === NORMAL) return;
    if ((type === BYTE || type === UNUSED) && !named.has(id)) return;
    const other = byText.get(text);
    if (other !== undefined && named.has(other) && !named.has(id)) return;
    if (text.length > MAX_ADDED_LENGTH) {
      throw damaged(
        `tokenizer.ggml.tokens[${id}], ${quoted(text, 40)}, is no usual token of its type (${type}): it has ` +
          `${text.length} characters, and should have at most ${MAX_ADDED_LENGTH}`,
      );
    }
    byText.set(text, id);
  });
  const strips = stripsBehind(modelName);
  return Array.from(byText, ([content, id]) => ({
    id,
    content,
    special: tokens.types[id] !== USER_DEFINED,
    normalized: false,
    lstrip: stripsBeforeGap && (content === '<mask>' || content === '[MASK]'),
    rstrip: strips(content),
  }));
}

/**
 * GGUF files do not say which tokens take the white space behind them. Of the models that have such tokens, Phi-3 is known by
 * its name, as llama.cpp does it.
 */
function stripsBehind(modelName: string): (text: string) => boolean {
  if (!/phi-?3/i.test(modelName)) return () => false;
  return (text) => !['<unk>', '<s>', '<|endoftext|>'].includes(text);
}
