import { isObject, shown } from '../base/json.js';
import { SottoError } from '../results/errors.js';
import { CONFIG_KEYS, type ConfigKey } from './config-keys.js';

/** Where a reader finds values: the objects of a config.json, or another format's metadata under the same keys. */
export interface ConfigValues {
  /** The value and the name that its file has for it, for messages; null where there is none. A JSON null is a value. */
  find(key: ConfigKey): FoundValue | null;
  /** The names under which its file may have a value, the first one first. */
  names(key: ConfigKey): readonly string[];
  /** Where the values of an object stand in a format that has no objects; null where it has no such values. */
  section?(key: ConfigKey): ConfigValues | null;
}

/** A value, and the name that its file has for it. */
export interface FoundValue {
  name: string;
  value: unknown;
}

/** What stands for absent values: the defaults of transformers' configuration class of the architecture. */
export type ConfigDefaults = Readonly<Partial<Record<ConfigKey, unknown>>>;

/** The values of a JSON object. */
class JsonValues implements ConfigValues {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(object: object, path: string) {
    this.#object = object as Record<string, unknown>;
    this.#path = path;
  }

  find(key: ConfigKey): FoundValue | null {
    const spelling = [key, ...CONFIG_KEYS[key]].find((name) => Object.hasOwn(this.#object, name));
    if (spelling === undefined || this.#object[spelling] === undefined) return null;
    return { name: this.#path + spelling, value: this.#object[spelling] };
  }

  names(key: ConfigKey): readonly string[] {
    return [key, ...CONFIG_KEYS[key]];
  }
}

/** Reads the values of a config, each with its type and bounds checked: nothing in it is trusted. */
export class ConfigReader {
  /** What it reads, for messages. */
  readonly file: string;
  readonly #values: ConfigValues;
  readonly #defaults: ConfigDefaults;

  constructor(values: ConfigValues, file: string, defaults: ConfigDefaults = {}) {
    this.#values = values;
    this.file = file;
    this.#defaults = defaults;
  }

  /** @throws SottoError 'bad-file' when the content is no JSON object. */
  static ofJson(json: unknown, file = 'config.json'): ConfigReader {
    if (!isObject(json)) {
      throw new SottoError('bad-file', `${file} holds no JSON object: it is not the config of a model`);
    }
    return new ConfigReader(new JsonValues(json, ''), file);
  }

  /** The same values, and these where there are none; what was given before comes first. */
  withDefaults(defaults: ConfigDefaults): ConfigReader {
    return new ConfigReader(this.#values, this.file, { ...defaults, ...this.#defaults });
  }

  /** The value as it stands, else its default, else null. */
  raw(key: ConfigKey): unknown {
    return (this.#values.find(key) ?? { value: this.#defaults[key] }).value ?? null;
  }

  /**
   * A size: an integer from 1 to `max`.
   *
   * @param fallback What stands for null; without one a value is required.
   * @throws SottoError 'bad-config'
   */
  size(key: ConfigKey, max: number, fallback?: number): number {
    const value = this.raw(key) ?? fallback;
    if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > max) {
      throw this.bad(key, `an integer from 1 to ${max}`);
    }
    return value as number;
  }

  /**
   * How many there are of what may not be there: an integer from 0 to `max`, or null, which is 0.
   *
   * @throws SottoError 'bad-config'
   */
  count(key: ConfigKey, max: number): number {
    const value = this.raw(key) ?? 0;
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max) return value as number;
    throw this.bad(key, `an integer from 0 to ${max}`);
  }

  /** A size, where null means that there is none. */
  optionalSize(key: ConfigKey, max: number): number | null {
    return this.raw(key) === null ? null : this.size(key, max);
  }

  /**
   * A number above 0 and below 1, such as a norm's epsilon.
   *
   * @throws SottoError 'bad-config'
   */
  fraction(key: ConfigKey): number {
    return this.#number(key, (value) => Math.fround(value) > 0 && value < 1, 'a number above 0 and below 1');
  }

  /**
   * A number that something is multiplied or divided by, within the engine's bounds of such, or others.
   *
   * @param fallback What stands for null; without one a value is required.
   * @throws SottoError 'bad-config'
   */
  factor(key: ConfigKey, fallback?: number, most = 1e9, least = 1e-9): number {
    const isGood = (value: number) => value >= least && value <= most;
    return this.#number(key, isGood, `a number from ${least} to ${most}`, fallback);
  }

  /** The same where null means that there is none. */
  optionalFactor(key: ConfigKey): number | null {
    return this.raw(key) === null ? null : this.factor(key);
  }

  /** @throws SottoError 'bad-config' unless it is a list of so many factors. */
  factors(key: ConfigKey, length: number): number[] {
    const list = this.raw(key);
    if (!Array.isArray(list) || list.length !== length || !list.every(isFactor)) {
      throw this.bad(key, `a list of ${length}, each a number from 1e-9 to 1e9`);
    }
    return list as number[];
  }

  #number(key: ConfigKey, isGood: (value: number) => boolean, expected: string, fallback?: number): number {
    const value = this.raw(key) ?? fallback;
    if (typeof value !== 'number' || !isGood(value)) throw this.bad(key, expected);
    return value;
  }

  /** A list, or null. @throws SottoError 'bad-config' when it has another length. */
  optionalList(key: ConfigKey, length?: number): readonly unknown[] | null {
    const list = this.raw(key);
    if (list === null) return null;
    if (!Array.isArray(list) || (length !== undefined && list.length !== length)) {
      throw this.bad(key, length === undefined ? 'a list' : `a list of ${length}, one for each layer`);
    }
    return list;
  }

  /** False where there is neither value nor default. @throws SottoError 'bad-config' unless it is true or false. */
  flag(key: ConfigKey): boolean {
    const value = this.raw(key) ?? this.#defaults[key] ?? false;
    if (typeof value !== 'boolean') throw this.bad(key, 'true or false');
    return value;
  }

  /**
   * A value that has to be one of a few.
   *
   * @returns What `choices` gives for it.
   * @throws SottoError 'unsupported-model' for any other value.
   */
  choice<T>(key: ConfigKey, choices: Readonly<Record<string, T>>): T {
    const value = this.raw(key) ?? this.#defaults[key];
    if (typeof value !== 'string' || !Object.hasOwn(choices, value)) {
      throw this.unsupported(key, Object.keys(choices));
    }
    return choices[value] as T;
  }

  /**
   * Refuses a model that needs a feature which the decoder does not have.
   *
   * @throws SottoError 'unsupported-model' when the value is anything but false, 0 or null.
   */
  requireOff(key: ConfigKey): void {
    const value = this.raw(key) ?? false;
    if (value !== false && value !== 0) throw this.unsupported(key, [String(false)]);
  }

  /** The values of an object inside the config, without defaults; null where there is none, or an empty one. */
  section(key: ConfigKey): ConfigReader | null {
    const inner = this.#values.section?.(key) ?? null;
    if (inner !== null) return new ConfigReader(inner, this.file);
    const value = this.raw(key);
    if (value === null) return null;
    if (!isObject(value)) throw this.bad(key, 'an object');
    if (Object.keys(value).length === 0) return null;
    return new ConfigReader(new JsonValues(value, `${this.nameOf(key)}.`), this.file);
  }

  /** An error for a value that cannot be. */
  bad(key: ConfigKey, expected: string): SottoError {
    const value = this.raw(key);
    const [, ...otherNames] = this.#values.names(key);
    const others = otherNames.length === 0 ? '' : ` (or ${otherNames.join(', ')})`;
    const what = value === null ? `${others} is missing` : ` is ${shown(value)}`;
    return new SottoError('bad-config', `${this.file}: ${this.nameOf(key)}${what}; expected ${expected}`);
  }

  /** An error for a value that asks for something which this version does not have. */
  unsupported(key: ConfigKey, supported: readonly string[]): SottoError {
    return this.#unsupported(`${this.nameOf(key)} is ${shown(this.raw(key))}`, supported);
  }

  /** The same for one value of a list. */
  unsupportedItem(key: ConfigKey, item: unknown, supported: readonly string[]): SottoError {
    return this.#unsupported(`${this.nameOf(key)} has ${shown(item)}`, supported);
  }

  #unsupported(what: string, supported: readonly string[]): SottoError {
    return new SottoError(
      'unsupported-model',
      `${this.file}: ${what}; this version of sotto runs only: ${supported.join(', ')}`,
    );
  }

  /** The name that the file has for a value, or would have. */
  nameOf(key: ConfigKey): string {
    return this.#values.find(key)?.name ?? this.#values.names(key)[0] ?? key;
  }
}

function isFactor(value: unknown): boolean {
  return typeof value === 'number' && value >= 1e-9 && value <= 1e9;
}
