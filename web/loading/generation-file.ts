import type { JsonObject } from '../base/json.js';
import { type Check, show } from '../options/option-checks.js';
import { SottoError } from '../results/errors.js';
import { KNOWN_KEYS, OPTION_KEYS } from './generation-keys.js';

/** Where the text model's part of a config may stand (transformers: GenerationConfig.from_model_config). */
const NESTED_CONFIGS = ['decoder', 'generator', 'text_config'];

/** The file that says how a model wants to be used. */
export class GenerationFile {
  readonly values: JsonObject;
  readonly #name: string;

  private constructor(name: string, values: JsonObject) {
    this.#name = name;
    this.values = values;
  }

  /** Whether it is a config.json that stands in, and that asks for something. */
  get isOlder(): boolean {
    return this.#name === 'config.json' && OPTION_KEYS.some((key) => this.values[key] != null);
  }

  /** generation_config.json. @throws SottoError 'bad-file' when it is no object */
  static ofGeneration(json: unknown, name: string): GenerationFile {
    const values = json ?? {};
    if (typeof values !== 'object' || Array.isArray(values)) {
      throw new SottoError('bad-file', `${name} holds no JSON object; download it again`);
    }
    return new GenerationFile(name, values as JsonObject);
  }

  /** What config.json says of it, as before 2023, itself or in the text model's part. */
  static ofConfig(config: JsonObject): GenerationFile {
    const nested = NESTED_CONFIGS.map((name) => config[name]).find(Boolean);
    const text = (typeof nested === 'object' ? nested : {}) as JsonObject;
    const values = KNOWN_KEYS.map((key) => [key, config[key] ?? text[key] ?? null]);
    return new GenerationFile('config.json', Object.fromEntries(values));
  }

  /** A value as it is used; undefined where the file leaves it out, or says null. @throws SottoError 'bad-config' */
  read<T>(key: string, check: Check<T>): T | undefined {
    const value = this.values[key] ?? null;
    if (value === null) return undefined;
    try {
      return check(value, key);
    } catch (error) {
      if (!(error instanceof SottoError)) throw error;
      throw this.bad(`${error.message}; correct or delete the line`);
    }
  }

  /** The error for a value that another one rules out. */
  contradiction(key: string, other: string, reason: string): SottoError {
    const [value, otherValue] = [key, other].map((each) => show(this.values[each] ?? null));
    return this.bad(
      `${key} is ${value}, and ${other} is ${otherValue}: ${reason}; correct or delete one of them`,
    );
  }

  /** The error for what the file says. */
  bad(problem: string): SottoError {
    return new SottoError('bad-config', `${this.#name}: ${problem}`);
  }
}
