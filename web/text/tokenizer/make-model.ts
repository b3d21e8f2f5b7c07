import { isObject, shown } from '../../base/json.js';
import { BpeModel } from './bpe.js';
import { damaged, JsonPart, typeOf } from './json-part.js';
import { ScoredBpeModel } from './scored-bpe.js';
import type { TokenModel, Vocabulary } from './token-model.js';
import { UnigramModel } from './unigram.js';
import { WordPieceModel } from './word-piece.js';

/** A hundred times the most that there is; a pair of ids fits into a number. */
const MAX_TOKEN_ID = 2 ** 26 - 1;

/** Of tokens, and of merges: ten times the most that there is. */
const MAX_ENTRIES = 2 ** 22;

/** What a vocabulary's token may have; published ones have up to 300, of spaces or signs. */
export const MAX_TOKEN_LENGTH = 4096;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Makes a model; `idOf` tells the ids of added tokens. */
type Make = (part: JsonPart, idOf: (token: string) => number | undefined) => TokenModel;

const MODELS: ReadonlyMap<string, Make> = new Map([
  ['BPE', makeBpe],
  ['ScoredBPE', makeScoredBpe],
  ['Unigram', makeUnigram],
  ['WordPiece', makeWordPiece],
]);

/**
 * @param idOf Of added tokens.
 * @throws SottoError 'bad-file' when it is damaged, 'unsupported-tokenizer' for a model of an unknown type.
 */
export function makeModel(json: unknown, idOf: (token: string) => number | undefined): TokenModel {
  if (!isObject(json)) throw damaged('it has no model');
  // Old files of GPT-2 do not name the type.
  const type = json.type ?? (Array.isArray(json.merges) ? 'BPE' : null);
  const part = new JsonPart({ ...json, type }, 'model');
  return typeOf(part, MODELS)(part, idOf);
}

/** @throws SottoError 'bad-file' for what cannot be a token, or an id. */
export function checkToken(token: unknown, id: unknown, path: string): void {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH || LONE_SURROGATE.test(token)) {
    throw damaged(`${path} has the token ${shown(token ?? null)}, which is none`);
  }
  if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > MAX_TOKEN_ID) {
    throw damaged(
      `the id of token ${shown(token)} is ${shown(id)}, and should be an integer from 0 to ${MAX_TOKEN_ID}`,
    );
  }
}

function makeBpe(part: JsonPart, idOf: (token: string) => number | undefined): TokenModel {
  const vocabulary = readVocabulary(part);
  const unkToken = part.has('unk_token') ? part.text('unk_token') : undefined;
  return new BpeModel({
    ...vocabulary,
    merges: part.get('merges') instanceof Int32Array ? (part.get('merges') as Int32Array) : readMerges(part),
    unkId: unkToken === undefined ? undefined : (vocabulary.ids.get(unkToken) ?? idOf(unkToken) ?? null),
    fuseUnk: part.flag('fuse_unk', false),
    byteFallback: part.flag('byte_fallback', false),
    ignoreMerges: part.flag('ignore_merges', false),
    continuingSubwordPrefix: part.text('continuing_subword_prefix', ''),
    endOfWordSuffix: part.text('end_of_word_suffix', ''),
  });
}

/** A kind of our own, which no tokenizer.json has: it is made of what other formats say. */
function makeScoredBpe(part: JsonPart): TokenModel {
  const { ids, tokens } = readVocabulary(part);
  const byteIds = part.has('byte_ids') ? (part.list('byte_ids') as number[]) : null;
  // What a text spells is no byte: "<0x0A>" are six letters.
  const mergeable = new Map(ids);
  for (const id of byteIds ?? []) mergeable.delete(tokens[id] as string);
  return new ScoredBpeModel({
    tokens,
    ids: mergeable,
    scores: part.get('scores') as ArrayLike<number>,
    byteIds,
    unkId: part.has('unk_id') ? part.count('unk_id', 0) : null,
  });
}

function makeWordPiece(part: JsonPart, idOf: (token: string) => number | undefined): TokenModel {
  const vocabulary = readVocabulary(part);
  const unkToken = part.text('unk_token', '[UNK]');
  return new WordPieceModel({
    ...vocabulary,
    unkId: vocabulary.ids.get(unkToken) ?? idOf(unkToken) ?? null,
    continuingSubwordPrefix: part.text('continuing_subword_prefix', '##'),
    maxInputCharsPerWord: part.count('max_input_chars_per_word', 0, 100),
  });
}

function makeUnigram(part: JsonPart): TokenModel {
  const vocab = part.list('vocab');
  if (vocab.length === 0 || vocab.length > MAX_ENTRIES) {
    throw part.bad('vocab', `should have from 1 to ${MAX_ENTRIES} entries`);
  }
  const entries = vocab.map((entry, id) => {
    const [token, score] = Array.isArray(entry) ? (entry as unknown[]) : [];
    checkToken(token, id, `model.vocab[${id}]`);
    if (!Number.isFinite(score))
      throw damaged(`model.vocab[${id}] has the score ${shown(score)}, which is none`);
    return [token as string, score as number] as const;
  });
  if (!part.has('unk_id')) return new UnigramModel(entries, null);
  const unkId = part.count('unk_id', 0);
  if (unkId >= entries.length) throw part.bad('unk_id', `there are ${entries.length} tokens`);
  return new UnigramModel(entries, unkId);
}

function readVocabulary(part: JsonPart): Vocabulary {
  const vocab = part.get('vocab');
  if (Array.isArray(vocab)) return readTokenList(part, vocab);
  if (!isObject(vocab)) throw part.bad('vocab', 'should be an object');
  const ids = new Map<string, number>();
  const tokens: string[] = [];
  // Object.entries takes thrice the time.
  for (const token of Object.keys(vocab)) {
    const id = vocab[token];
    checkToken(token, id, 'model.vocab');
    const other = tokens[id as number];
    if (other !== undefined)
      throw damaged(`tokens ${shown(other)} and ${shown(token)} have the same id, ${id}`);
    ids.set(token, id as number);
    tokens[id as number] = token;
  }
  if (ids.size > MAX_ENTRIES) throw part.bad('vocab', `should have at most ${MAX_ENTRIES} entries`);
  return { ids, tokens };
}

/** Tokens by their ids; null is what no word becomes. Of tokens that are the same, words become the last one. */
function readTokenList(part: JsonPart, vocab: readonly unknown[]): Vocabulary {
  if (vocab.length > MAX_ENTRIES) throw part.bad('vocab', `should have at most ${MAX_ENTRIES} entries`);
  const ids = new Map<string, number>();
  const tokens: string[] = [];
  vocab.forEach((token, id) => {
    if (token === null) return;
    checkToken(token, id, 'model.vocab');
    ids.set(token as string, id);
    tokens[id] = token as string;
  });
  return { ids, tokens };
}

/** Merges are pairs, or strings with a space between the parts. */
function readMerges(part: JsonPart): [string, string][] {
  const list = part.list('merges');
  if (list.length > MAX_ENTRIES) throw part.bad('merges', `should have at most ${MAX_ENTRIES} entries`);
  // The first line of merges.txt is none.
  const isNamed = typeof list[0] === 'string' && list[0].startsWith('#version');
  return (isNamed ? list.slice(1) : list).map((entry, i) => {
    const pair: unknown = typeof entry === 'string' ? entry.split(' ') : entry;
    if (
      !Array.isArray(pair) ||
      pair.length !== 2 ||
      typeof pair[0] !== 'string' ||
      typeof pair[1] !== 'string'
    ) {
      throw damaged(`model.merges[${isNamed ? i + 1 : i}] is ${shown(entry)}, and should be two tokens`);
    }
    return pair as [string, string];
  });
}
