import type { Metadata, MetadataValue } from '../../base/metadata.js';
import { quoted } from '../../base/quoted.js';
import { SottoError } from '../../results/errors.js';

/** Where everything about a GGUF file's tokenizer stands. */
const PREFIX = 'tokenizer.ggml.';

/** What a GGUF file says of its tokenizer; what is read of it has the type that is asked for. Keys lack their prefix. */
export class MetadataReader {
  readonly #metadata: Metadata;

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  get(key: string): MetadataValue | undefined {
    return this.#metadata.get(PREFIX + key);
  }

  text(key: string): string | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.bad(key, 'should be a string');
  }

  flag(key: string): boolean | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.bad(key, 'should be true or false');
  }

  /** The id of one of `nTokens` tokens; undefined where there is none: files write 2^32 - 1 or -1 for that, too. */
  id(key: string, nTokens: number): number | undefined {
    const value = this.get(key);
    if (value === undefined || value === -1 || value === 0xffff_ffff) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
      throw this.bad(key, 'should be the id of a token');
    }
    if (value >= nTokens) throw this.bad(key, `there are ${nTokens} tokens`);
    return value;
  }

  /** @throws SottoError 'bad-file' when it is absent, too. */
  texts(key: string): readonly string[] {
    const list = this.get(key);
    if (!Array.isArray(list)) throw this.bad(key, 'should be a list of strings');
    const other = (list as readonly MetadataValue[]).findIndex((value) => typeof value !== 'string');
    if (other >= 0) throw this.bad(key, `should be a list of strings (its entry ${other} is none)`);
    return list as readonly string[];
  }

  /** A number for each of `nTokens` tokens; undefined where there are none. */
  numbers(key: string, nTokens: number): ArrayLike<number> | undefined {
    const list = this.get(key);
    if (list === undefined) return undefined;
    const isList = ArrayBuffer.isView(list) || (Array.isArray(list) && list.every(isNumber));
    if (!isList || list instanceof BigInt64Array || list instanceof BigUint64Array) {
      throw this.bad(key, 'should be a list of numbers');
    }
    const numbers = list as ArrayLike<number>;
    if (numbers.length !== nTokens) throw this.bad(key, `there are ${nTokens} tokens`);
    return numbers;
  }

  /** Of a value that is not as it should be. */
  bad(key: string, problem: string): SottoError {
    return damaged(`${PREFIX}${key} is ${described(this.get(key))}, and ${problem}`);
  }
}

export function damaged(problem: string): SottoError {
  return new SottoError('bad-file', `The GGUF file is damaged: ${problem}. Download or convert it again.`);
}

export function unsupported(problem: string): SottoError {
  return new SottoError(
    'unsupported-tokenizer',
    `The GGUF file's tokenizer cannot be run: ${problem}. Without it, prompts and results are token ids.`,
  );
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function described(value: MetadataValue | undefined): string {
  if (value === undefined) return 'absent';
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'object' ? `a list of ${value.length}` : String(value);
}
