import { isObject, type JsonObject } from '../../base/json.js';
import { textOf } from './class-parts.js';

/** An added token before it has an id. */
export interface NewToken {
  content: string;
  special: boolean;
  lstrip: boolean;
  rstrip: boolean;
  single_word: boolean;
  normalized: boolean;
}

/** As it stands in tokenizer.json. */
export interface AddedTokenJson extends NewToken {
  id: number;
}

/** A special token without more said of it. */
export function specialToken(content: string): NewToken {
  return { content, special: true, lstrip: false, rstrip: false, single_word: false, normalized: false };
}

/** A token as files write it: its text, or an object. Null for what is none. */
export function readToken(value: unknown, isSpecial = false): NewToken | null {
  const content = textOf(value);
  if (content === undefined || content === '') return null;
  const flags = isObject(value) ? value : {};
  const special = isSpecial || flags.special === true;
  const normalized = typeof flags.normalized === 'boolean' ? flags.normalized : !special;
  return {
    content,
    special,
    lstrip: flags.lstrip === true,
    rstrip: flags.rstrip === true,
    single_word: flags.single_word === true,
    normalized,
  };
}

/** The added tokens of a tokenizer that is being made, as the Rust library `tokenizers` keeps them. */
export class AddedTokens {
  readonly #idInModel: (token: string) => number | undefined;
  readonly #modelSize: number;
  readonly #byContent = new Map<string, AddedTokenJson>();

  /**
   * @param idInModel Of learnt tokens.
   * @param modelSize How many learnt tokens there are: the first id for a new one.
   */
  constructor(idInModel: (token: string) => number | undefined, modelSize: number) {
    this.#idInModel = idInModel;
    this.#modelSize = modelSize;
  }

  has(content: string): boolean {
    return this.#byContent.has(content);
  }

  /** Adds one, or changes what is said of it; its id is what it is already, or the next. */
  add(token: NewToken): void {
    const before = this.#byContent.get(token.content);
    const id = before?.id ?? this.#idInModel(token.content) ?? this.#nextId();
    this.#byContent.set(token.content, { ...token, special: token.special || before?.special === true, id });
  }

  /** Takes over those of a tokenizer.json, with their ids. */
  keep(entries: readonly AddedTokenJson[]): void {
    for (const entry of entries) this.#byContent.set(entry.content, entry);
  }

  idOf(content: string): number | undefined {
    return this.#byContent.get(content)?.id ?? this.#idInModel(content);
  }

  get json(): AddedTokenJson[] {
    return [...this.#byContent.values()].sort((a, b) => a.id - b.id);
  }

  #nextId(): number {
    let largest = -1;
    for (const { id } of this.#byContent.values()) if (id > largest) largest = id;
    return largest >= this.#modelSize ? largest + 1 : this.#modelSize;
  }
}

/** The named special tokens, in the order in which they are added. */
const NAMES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/**
 * The special tokens that files name: `bos_token` and its kind, models' own (`image_token`), then further ones. A token
 * that is listed elsewhere is what is said there.
 */
export function namedTokens(
  config: JsonObject,
  defaults: Readonly<Record<string, string>>,
  listed: ReadonlyMap<string, NewToken>,
): NewToken[] {
  const further = config.extra_special_tokens ?? config.additional_special_tokens;
  const tokens = [
    ...valuesOfNames(config, defaults),
    ...(Array.isArray(further) ? (further as unknown[]) : isObject(further) ? Object.values(further) : []),
  ];
  return tokens.flatMap((value) => {
    const token = readToken(value, true);
    return token === null ? [] : [listed.get(token.content) ?? token];
  });
}

/** The texts of the tokens that are special since they have a name, even where they are listed as not special. */
export function textsOfNamed(config: JsonObject, defaults: Readonly<Record<string, string>>): Set<string> {
  return new Set(valuesOfNames(config, defaults).flatMap((value) => textOf(value) ?? []));
}

function valuesOfNames(config: JsonObject, defaults: Readonly<Record<string, string>>): unknown[] {
  const known: JsonObject = { ...defaults, ...definedOf(config) };
  const own = Object.keys(known).filter((key) => key.endsWith('_token') && !NAMES.includes(key));
  return [
    ...NAMES.map((name) => known[name]),
    ...own.map((key) => known[key]).filter((value) => typeof value === 'string'),
  ];
}

function definedOf(config: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(config).filter(([key, value]) => value !== null || NAMES.includes(key)),
  );
}
