import { quoted } from '../../base/quoted.js';
import { SottoError } from '../../results/errors.js';

/** An object out of a JSON file, with nothing known about it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Longer strings of a file are only tokens; these are checked where they stand. */
const MAX_TEXT_LENGTH = 1024;

/** How deep sequences may lie in sequences. */
const MAX_DEPTH = 16;

/** How many entries a list may have that makes work for each text: published files have up to 20. */
const MAX_STEPS = 64;

/** An object in tokenizer.json, and where it stands; what is read of it has the type that is asked for. */
export class JsonPart {
  readonly #json: JsonObject;
  readonly #path: string;

  /** @throws SottoError 'bad-file' when it is none. */
  constructor(json: unknown, path: string) {
    if (!isObject(json)) throw damaged(`${path} is ${shown(json)}, and should be an object`);
    this.#json = json;
    this.#path = path;
  }

  get path(): string {
    return this.#path;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#json, key) && this.#json[key] !== null;
  }

  get(key: string): unknown {
    return this.has(key) ? this.#json[key] : undefined;
  }

  /** A string that is neither a token nor long. */
  text(key: string, absent?: string): string {
    const value = this.get(key) ?? absent;
    if (typeof value !== 'string') throw this.bad(key, 'should be a string');
    if (value.length > MAX_TEXT_LENGTH) {
      throw this.bad(key, `should have at most ${MAX_TEXT_LENGTH} characters`);
    }
    return value;
  }

  flag(key: string, absent: boolean): boolean {
    const value = this.get(key) ?? absent;
    if (typeof value !== 'boolean') throw this.bad(key, 'should be true or false');
    return value;
  }

  /** An integer from `least` on. */
  count(key: string, least: number, absent?: number): number {
    const value = this.get(key) ?? absent;
    if (!Number.isInteger(value) || (value as number) < least || (value as number) >= 2 ** 31) {
      throw this.bad(key, `should be an integer from ${least} to ${2 ** 31 - 1}`);
    }
    return value as number;
  }

  /** One of some words. */
  choice<const Word extends string>(key: string, words: readonly Word[], absent?: Word): Word {
    const value = this.get(key) ?? absent;
    if (words.includes(value as Word)) return value as Word;
    throw this.bad(key, `should be one of ${words.join(', ')}`);
  }

  list(key: string): readonly unknown[] {
    const value = this.get(key);
    if (!Array.isArray(value)) throw this.bad(key, 'should be a list');
    return value;
  }

  /** The parts of a sequence, which makes work for each text. */
  steps(key: string): readonly unknown[] {
    const list = this.list(key);
    if (list.length > MAX_STEPS) throw this.bad(key, `should have at most ${MAX_STEPS} entries`);
    return list;
  }

  /** Of a value that is not as it should be. */
  bad(key: string, problem: string): SottoError {
    return damaged(`${this.#path}.${key} is ${shown(this.get(key))}, and ${problem}`);
  }
}

/**
 * The parts of a normalizer, pre-tokenizer, post-processor or decoder in their order, with those of sequences in their place.
 *
 * @param json Null or absent for none.
 * @param sequenceKey Under which a Sequence has its parts.
 */
export function flattenSequence(json: unknown, path: string, sequenceKey: string): JsonPart[] {
  const parts: JsonPart[] = [];
  const add = (value: unknown, at: string, depth: number) => {
    if (value === null || value === undefined) return;
    if (depth > MAX_DEPTH) throw damaged(`${path} has sequences in sequences, more than ${MAX_DEPTH} deep`);
    const part = new JsonPart(value, at);
    if (part.get('type') === 'Sequence') {
      part.steps(sequenceKey).forEach((step, i) => {
        add(step, `${at}.${sequenceKey}[${i}]`, depth + 1);
      });
    } else parts.push(part);
    if (parts.length > MAX_STEPS) throw damaged(`${path} has more than ${MAX_STEPS} steps`);
  };
  add(json, path, 0);
  return parts;
}

/** @throws SottoError 'unsupported-tokenizer' for a part whose type is none of those known. */
export function typeOf<Made>(part: JsonPart, known: ReadonlyMap<string, Made>): Made {
  const type = part.get('type');
  const made = typeof type === 'string' ? known.get(type) : undefined;
  if (made !== undefined) return made;
  throw unsupported(
    `${part.path} is of the type ${shown(type)}; this version of sotto runs only: ${Array.from(known.keys()).join(', ')}`,
  );
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value for a message, at most a line. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return 'an object';
  if (value === undefined) return 'absent';
  if (typeof value !== 'string') return String(value);
  return quoted(value);
}

export function damaged(problem: string): SottoError {
  return new SottoError('bad-file', `tokenizer.json is damaged: ${problem}. Download the file again.`);
}

export function unsupported(problem: string, cause?: unknown): SottoError {
  return new SottoError(
    'unsupported-tokenizer',
    `tokenizer.json: ${problem}. Without the file, prompts and results are token ids.`,
    { cause },
  );
}
