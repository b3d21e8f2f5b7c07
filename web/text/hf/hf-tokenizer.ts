import { isObject, type JsonObject, shown } from '../../base/json.js';
import { SottoError } from '../../results/errors.js';
import {
  type AddedTokenJson,
  AddedTokens,
  type NewToken,
  namedTokens,
  readToken,
  textsOfNamed,
} from './added-tokens.js';
import { type ClassParts, classParts, textOf } from './class-parts.js';
import { tokenizerClass } from './tokenizer-class.js';

/** The contents of a folder's files that say what its tokenizer is; undefined for those that are not there. */
export interface HfTokenizerFiles {
  /** tokenizer.json */
  json: unknown;
  /** tokenizer_config.json */
  config: unknown;
  /** special_tokens_map.json and added_tokens.json, which older versions of transformers wrote. */
  specialTokensMap: unknown;
  addedTokens: unknown;
  /** vocab.json and merges.txt, which stand for a tokenizer.json that is missing. */
  vocab: unknown;
  merges: string | undefined;
  /** config.json, of which `model_type` and `tokenizer_class` are used. */
  modelConfig: unknown;
}

/** What {@link Tokenizer.create} takes. */
export interface ResolvedTokenizer {
  json: unknown;
  config: unknown;
}

/**
 * Puts a tokenizer together from a folder's files, as `AutoTokenizer` of transformers 5.12 does: the class builds the parts
 * anew where it has its own (see {@link tokenizerClass}), and tokens that stand in other files than tokenizer.json are added.
 * `add_bos_token` and `add_eos_token` count only where there is no tokenizer.json.
 *
 * @throws SottoError 'bad-file'
 */
export function resolveHfTokenizer(files: HfTokenizerFiles): ResolvedTokenizer {
  const named = objectOf(files.config, 'tokenizer_config.json');
  // What it is like is checked by what makes the tokenizer.
  if (files.json !== undefined && (!isObject(files.json) || !isObject(files.json.model))) {
    return { json: files.json, config: named };
  }
  const config = withSpecialTokensMap(named, files);
  const modelConfig = isObject(files.modelConfig) ? files.modelConfig : {};
  const className = tokenizerClass(
    stringOf(modelConfig.model_type),
    stringOf(config.tokenizer_class) ?? stringOf(modelConfig.tokenizer_class),
  );
  const isBpe = files.json === undefined || isBpeModel(files.json as JsonObject);
  const parts = className !== null && isBpe ? classParts(className, config) : null;
  if (files.json === undefined && parts === null) throw unknownClass(config);
  const base = (files.json as JsonObject | undefined) ?? { model: vocabularyOf(files) };
  const built = parts === null ? base : build(base, parts);
  const added = addTokens(base, built, parts, config, files);
  const postProcessor =
    files.json === undefined ? frameOf(config, parts?.specialTokens ?? {}, added) : base.post_processor;
  return {
    json: { ...built, added_tokens: added.json, post_processor: postProcessor },
    config: {
      ...(parts && { bos_token: parts.specialTokens.bos_token, eos_token: parts.specialTokens.eos_token }),
      ...config,
      add_bos_token: false,
      add_eos_token: false,
    },
  };
}

/** The class's parts around the vocabulary. */
function build(base: JsonObject, parts: ClassParts): JsonObject {
  const { vocab, merges } = base.model as JsonObject;
  return {
    version: '1.0',
    model: { ...parts.model, vocab, merges },
    normalizer: parts.normalizer,
    pre_tokenizer: parts.preTokenizer,
    decoder: parts.decoder,
  };
}

function addTokens(
  base: JsonObject,
  built: JsonObject,
  parts: ClassParts | null,
  config: JsonObject,
  files: HfTokenizerFiles,
): AddedTokens {
  const { vocab } = built.model as JsonObject;
  const added = Array.isArray(vocab)
    ? new AddedTokens(idInList(vocab), vocab.length)
    : new AddedTokens(idInObject(vocab), isObject(vocab) ? Object.keys(vocab).length : 0);
  const inJson = (Array.isArray(base.added_tokens) ? base.added_tokens : []) as AddedTokenJson[];
  if (parts === null) added.keep(inJson);
  const listed = listedTokens(config, files, inJson);
  const named = textsOfNamed(config, parts?.specialTokens ?? {});
  for (const [, token] of [...listed].sort(([a], [b]) => a - b)) {
    added.add({ ...token, special: token.special || named.has(token.content) });
  }
  const byContent = new Map([...listed.values()].map((token) => [token.content, token]));
  const tokens = namedTokens(config, parts?.specialTokens ?? {}, byContent);
  for (const token of tokens) {
    if (!added.has(token.content)) added.add({ ...token, special: true });
    else if (parts?.resetsSpecialTokens) added.add({ ...(readToken(token.content, true) as NewToken) });
  }
  return added;
}

/** Tokens with the ids that a file lists them under, which tell their order only. */
function listedTokens(
  config: JsonObject,
  files: HfTokenizerFiles,
  inJson: readonly AddedTokenJson[],
): Map<number, NewToken> {
  const listed = new Map<number, NewToken>();
  const add = (id: number, value: unknown, path: string) => {
    const token = readToken(value);
    if (token === null || !Number.isInteger(id)) throw badList(path, value);
    listed.set(id, token);
  };
  if (config.added_tokens_decoder !== undefined) {
    const path = 'tokenizer_config.json: added_tokens_decoder';
    for (const [id, value] of Object.entries(objectOf(config.added_tokens_decoder, path))) {
      add(Number(id), value, path);
    }
    return listed;
  }
  const special = new Set(namedTokens(config, {}, new Map()).map(({ content }) => content));
  for (const [content, id] of Object.entries(objectOf(files.addedTokens, 'added_tokens.json'))) {
    add(Number(id), { content, special: special.has(content) }, 'added_tokens.json');
  }
  for (const entry of inJson)
    if (isObject(entry) && readToken(entry) !== null) listed.set(entry.id, readToken(entry) as NewToken);
  return listed;
}

/** Older folders have the named tokens in a file of their own, which goes before tokenizer_config.json. */
function withSpecialTokensMap(config: JsonObject, files: HfTokenizerFiles): JsonObject {
  if (config.added_tokens_decoder !== undefined) return config;
  const map = objectOf(files.specialTokensMap, 'special_tokens_map.json');
  return { ...config, ...map };
}

function isBpeModel(json: JsonObject): boolean {
  const model = json.model as JsonObject;
  return (model.type ?? 'BPE') === 'BPE' && isObject(model.vocab) && Array.isArray(model.merges);
}

function vocabularyOf({ vocab, merges }: HfTokenizerFiles): JsonObject {
  if (!isObject(vocab)) throw new SottoError('bad-file', 'vocab.json holds no JSON object');
  if (merges === undefined) {
    throw new SottoError(
      'file-not-found',
      'there is a vocab.json and neither tokenizer.json nor merges.txt, which a tokenizer needs beside it',
    );
  }
  return { type: 'BPE', vocab, merges: readMergesText(merges) };
}

/** A merge a line; a first line with a version, and empty ones, are none. */
function readMergesText(text: string): string[][] {
  const lines = text.split(/\r?\n/);
  const first = lines[0]?.startsWith('#version') ? 1 : 0;
  return lines.slice(first).flatMap((line) => {
    const parts = line
      .trim()
      .split(' ')
      .filter((part) => part !== '');
    return parts.length === 0 ? [] : [parts];
  });
}

/** The template that the flags of tokenizer_config.json ask for. */
function frameOf(
  config: JsonObject,
  defaults: Readonly<Record<string, string>>,
  added: AddedTokens,
): JsonObject | null {
  const tokenOf = (flag: string, name: string) => {
    const content = config[flag] === true ? textOf(config[name] ?? defaults[name]) : undefined;
    const id = content === undefined ? undefined : added.idOf(content);
    return content === undefined || id === undefined ? [] : [{ content, id }];
  };
  const before = tokenOf('add_bos_token', 'bos_token');
  const behind = tokenOf('add_eos_token', 'eos_token');
  if (before.length + behind.length === 0) return null;
  const piece = ({ content }: { content: string }) => ({ SpecialToken: { id: content, type_id: 0 } });
  return {
    type: 'TemplateProcessing',
    single: [...before.map(piece), { Sequence: { id: 'A', type_id: 0 } }, ...behind.map(piece)],
    special_tokens: Object.fromEntries(
      [...before, ...behind].map(({ content, id }) => [
        content,
        { id: content, ids: [id], tokens: [content] },
      ]),
    ),
  };
}

function idInObject(vocab: unknown): (token: string) => number | undefined {
  if (!isObject(vocab)) return () => undefined;
  return (token) => (Object.hasOwn(vocab, token) ? (vocab[token] as number) : undefined);
}

function idInList(vocab: readonly unknown[]): (token: string) => number | undefined {
  const ids = new Map(vocab.map((entry, id) => [Array.isArray(entry) ? (entry[0] as unknown) : entry, id]));
  return (token) => ids.get(token);
}

function objectOf(value: unknown, path: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw new SottoError('bad-file', `${path} is ${shown(value)}, and should be a JSON object`);
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function badList(path: string, value: unknown): SottoError {
  return new SottoError('bad-file', `${path} lists ${shown(value)}, which is no token with an id`);
}

function unknownClass(config: JsonObject): SottoError {
  return new SottoError(
    'unsupported-tokenizer',
    `there is no tokenizer.json, and its vocab.json is for a tokenizer_class that is not known here ` +
      `(${shown(config.tokenizer_class)}). In Python, AutoTokenizer.from_pretrained(folder).save_pretrained(folder) writes a tokenizer.json`,
  );
}
