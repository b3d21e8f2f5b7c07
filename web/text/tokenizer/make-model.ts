import { BpeModel } from './bpe.js';
import { damaged, isObject, JsonPart, shown, typeOf } from './json-part.js';
import type { TokenModel } from './token-model.js';
import { UnigramModel } from './unigram.js';
import { WordPieceModel } from './word-piece.js';

/** Ids are 32-bit integers in the engine. */
const MAX_TOKEN_ID = 2 ** 31 - 1;

/** Of tokens, and of merges: ten times the most that there is. Pairs of them fit into a number. */
const MAX_ENTRIES = 2 ** 22;

/** What a vocabulary's token may have; published ones have up to 300, of spaces or signs. */
const MAX_TOKEN_LENGTH = 4096;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Makes a model; `idOf` tells the ids of added tokens. */
type Make = (part: JsonPart, idOf: (token: string) => number | undefined) => TokenModel;

const MODELS: ReadonlyMap<string, Make> = new Map([
  ['BPE', makeBpe],
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
    throw damaged(`${path} has the token ${shown(token)}, which is none`);
  }
  if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > MAX_TOKEN_ID) {
    throw damaged(`token ${shown(token)} has the id ${typeof id === 'number' ? id : typeof id}, which is none`);
  }
}

function makeBpe(part: JsonPart, idOf: (token: string) => number | undefined): TokenModel {
  const vocab = readVocab(part);
  const prefix = part.text('continuing_subword_prefix', '');
  const unkToken = part.has('unk_token') ? part.text('unk_token') : undefined;
  return new BpeModel({
    vocab,
    merges: readMerges(part, vocab, prefix.length),
    unkId: unkToken === undefined ? undefined : (vocab.get(unkToken) ?? idOf(unkToken) ?? null),
    fuseUnk: part.flag('fuse_unk', false),
    byteFallback: part.flag('byte_fallback', false),
    ignoreMerges: part.flag('ignore_merges', false),
    continuingSubwordPrefix: prefix,
    endOfWordSuffix: part.text('end_of_word_suffix', ''),
  });
}

function makeWordPiece(part: JsonPart, idOf: (token: string) => number | undefined): TokenModel {
  const vocab = readVocab(part);
  const unkToken = part.text('unk_token', '[UNK]');
  return new WordPieceModel({
    vocab,
    unkId: vocab.get(unkToken) ?? idOf(unkToken) ?? null,
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
    if (!Number.isFinite(score)) throw damaged(`model.vocab[${id}] has the score ${shown(score)}, which is none`);
    return [token as string, score as number] as const;
  });
  if (!part.has('unk_id')) return new UnigramModel(entries, null);
  const unkId = part.count('unk_id', 0);
  if (unkId >= entries.length) throw part.bad('unk_id', `there are ${entries.length} tokens`);
  return new UnigramModel(entries, unkId);
}

function readVocab(part: JsonPart): Map<string, number> {
  const vocab = part.get('vocab');
  if (!isObject(vocab)) throw part.bad('vocab', 'should be an object');
  const entries = Object.entries(vocab);
  if (entries.length > MAX_ENTRIES) throw part.bad('vocab', `should have at most ${MAX_ENTRIES} entries`);
  const tokens = new Map<unknown, string>();
  for (const [token, id] of entries) {
    checkToken(token, id, 'model.vocab');
    const other = tokens.get(id);
    if (other !== undefined) throw damaged(`tokens ${shown(other)} and ${shown(token)} have the same id, ${id}`);
    tokens.set(id, token);
  }
  return new Map(entries as [string, number][]);
}

/** Merges are pairs, or strings with a space between the parts. */
function readMerges(
  part: JsonPart,
  vocab: ReadonlyMap<string, number>,
  prefixLength: number,
): [string, string][] {
  const list = part.list('merges');
  if (list.length > MAX_ENTRIES) throw part.bad('merges', `should have at most ${MAX_ENTRIES} entries`);
  const merges: [string, string][] = [];
  list.forEach((entry, i) => {
    // A line of merges.txt that is none.
    if (i === 0 && typeof entry === 'string' && entry.startsWith('#version')) return;
    const pair: unknown = typeof entry === 'string' ? entry.split(' ') : entry;
    if (!Array.isArray(pair) || pair.length !== 2 || pair.some((side) => typeof side !== 'string')) {
      throw damaged(`model.merges[${i}] is ${shown(entry)}, and should be two tokens`);
    }
    const [first, second] = pair as [string, string];
    for (const token of [first, second, first + second.slice(prefixLength)]) {
      if (!vocab.has(token)) {
        throw damaged(`model.merges[${i}] needs the token ${shown(token)}, which is not in the vocabulary`);
      }
    }
    merges.push([first, second]);
  });
  return merges;
}
