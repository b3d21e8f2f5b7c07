import { SottoError } from '../errors.js';

/** Reads the values of a config.json, each with its type and bounds checked: nothing in it is trusted. */
export class ConfigReader {
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws SottoError 'bad-file' when the content is no JSON object. */
  constructor(json: unknown) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new SottoError('bad-file', 'config.json holds no JSON object: it is not the config of a model');
    }
    this.#values = json as Record<string, unknown>;
  }

  /** The value as it stands, or null where it is absent. */
  raw(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? null) : null;
  }

  /**
   * A size: an integer from 1 to `max`.
   *
   * @param fallback What stands for an absent value; without one the value is required.
   * @throws SottoError 'bad-config'
   */
  size(key: string, max: number, fallback?: number): number {
    const value = this.raw(key) ?? fallback ?? null;
    if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > max) {
      throw badValue(key, value, `an integer from 1 to ${max}`);
    }
    return value as number;
  }

  /**
   * A positive number below `limit`.
   *
   * @throws SottoError 'bad-config'
   */
  positive(key: string, limit: number, fallback: number): number {
    const value = this.raw(key) ?? fallback;
    if (typeof value !== 'number' || !(value > 0) || !(value < limit)) {
      throw badValue(key, value, `a number above 0 and below ${limit}`);
    }
    return value;
  }

  /** @throws SottoError 'bad-config' when the value is neither true nor false. */
  flag(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? fallback;
    if (typeof value !== 'boolean') throw badValue(key, value, 'true or false');
    return value;
  }

  /**
   * A value that has to be one of a few.
   *
   * @returns What `choices` gives for it.
   * @throws SottoError 'unsupported-model' for any other value.
   */
  choice<T>(key: string, choices: Readonly<Record<string, T>>, fallback: string): T {
    const value = this.raw(key) ?? fallback;
    if (typeof value !== 'string' || !Object.hasOwn(choices, value)) {
      throw unsupportedValue(key, value, Object.keys(choices));
    }
    return choices[value] as T;
  }

  /**
   * Refuses a model that needs a feature which the decoder does not have.
   *
   * @throws SottoError 'unsupported-model' when the value is anything but false or absent.
   */
  requireOff(key: string): void {
    const value = this.raw(key) ?? false;
    if (value !== false) throw unsupportedValue(key, value, ['false']);
  }
}

function badValue(key: string, value: unknown, expected: string): SottoError {
  const what = value === null ? 'is missing' : `is ${shown(value)}`;
  return new SottoError('bad-config', `config.json: ${key} ${what}; expected ${expected}`);
}

function unsupportedValue(key: string, value: unknown, supported: readonly string[]): SottoError {
  return new SottoError(
    'unsupported-model',
    `config.json: ${key} is ${shown(value)}; this version of sotto runs only: ${supported.join(', ')}`,
  );
}

/** A value from the file for a message, short whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
