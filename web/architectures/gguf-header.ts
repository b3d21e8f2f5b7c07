import { shown } from '../base/json.js';
import type { Metadata, MetadataValue } from '../base/metadata.js';
import { SottoError } from '../results/errors.js';
import type { FoundValue } from './config-reader.js';
import { MAX } from './max-sizes.js';

/** What messages call the key-value pairs of a GGUF file's header. */
export const GGUF_METADATA = 'the GGUF metadata';

/** A tensor as the header of a GGUF file describes it. */
export interface GgufTensor {
  name: string;
  /** Outermost first, as safetensors has it: the other way round than in the file. */
  shape: readonly number[];
  dtype: string;
}

/** The header of a GGUF file: the keys of its architecture, and its tensors. */
export class GgufHeader {
  readonly #metadata: Metadata;
  readonly #architecture: string;
  readonly #tensors: ReadonlyMap<string, GgufTensor>;
  readonly #namesInLayers: ReadonlySet<string>;

  constructor(metadata: Metadata, architecture: string, tensors: readonly GgufTensor[]) {
    this.#metadata = metadata;
    this.#architecture = architecture;
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    this.#namesInLayers = new Set(tensors.map(({ name }) => /^blk\.\d+\.(.+)$/.exec(name)?.[1] ?? ''));
  }

  /** The whole name of a key of the architecture, such as `llama.block_count`. */
  name(key: string): string {
    return `${this.#architecture}.${key}`;
  }

  /** The value of a key of the architecture, null where there is none. */
  value(key: string): unknown {
    return plain(this.#metadata.get(this.name(key)) ?? null);
  }

  /** The same for a number that means none where it is 0. */
  valueUnlessZero(key: string): unknown {
    const value = this.value(key);
    return value === 0 ? null : value;
  }

  found(key: string): FoundValue {
    return { name: this.name(key), value: this.value(key) };
  }

  /** The same, and this where there is no value or 0. */
  foundOr(key: string, fallback: unknown): FoundValue {
    return { name: this.name(key), value: this.valueUnlessZero(key) ?? fallback };
  }

  /**
   * The layers, those behind the last one that predict further tokens included.
   *
   * @throws SottoError 'bad-config'
   */
  get nBlocks(): number {
    const n = this.value('block_count');
    if (Number.isInteger(n) && (n as number) > 0 && (n as number) <= MAX.nLayers) return n as number;
    throw this.bad('block_count', n, `an integer from 1 to ${MAX.nLayers}`);
  }

  /**
   * A list with a value for each layer; null where the key has no list.
   *
   * @throws SottoError 'bad-config' for one of another length.
   */
  list(key: string): readonly unknown[] | null {
    const value = this.value(key);
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return null;
    const list = value as ArrayLike<MetadataValue>;
    if (list.length === this.nBlocks) return Array.from(list, plain);
    throw this.bad(key, value, `a number, or a list of ${this.nBlocks}, one for each layer`);
  }

  /**
   * A number for all layers, given once or in a list for each of them.
   *
   * @param ignored Entries of such a list that do not count.
   * @throws SottoError 'bad-config' for a list of another length, 'unsupported-model' where layers differ.
   */
  uniform(key: string, ignored?: number): unknown {
    const list = this.list(key);
    if (list === null) return this.value(key);
    const values = new Set(list.filter((value) => value !== ignored));
    if (values.size <= 1) return [...values][0] ?? null;
    throw this.unsupported(key, [...values].map(shown).join(' and '), ['one value for all layers']);
  }

  /** @throws SottoError 'bad-config' unless it is an integer above 0, the same one in all layers. */
  size(key: string): number {
    const value = this.uniform(key);
    if (Number.isInteger(value) && (value as number) > 0) return value as number;
    throw this.bad(key, value, 'an integer above 0');
  }

  shape(tensor: string): readonly number[] | null {
    return this.#tensors.get(tensor)?.shape ?? null;
  }

  tensor(name: string): GgufTensor | null {
    return this.#tensors.get(name) ?? null;
  }

  /** Whether any layer has a tensor of that name, behind its number. */
  hasInLayers(...names: readonly string[]): boolean {
    return names.some((name) => this.#namesInLayers.has(name));
  }

  bad(key: string, value: unknown, expected: string): SottoError {
    const what = value === null ? 'is missing' : `is ${shown(value)}`;
    return new SottoError('bad-config', `${GGUF_METADATA}: ${this.name(key)} ${what}; expected ${expected}`);
  }

  unsupported(key: string, value: string, supported: readonly string[]): SottoError {
    return unsupported(this.name(key), value, supported);
  }
}

export function unsupported(name: string, value: string, supported: readonly string[]): SottoError {
  return new SottoError(
    'unsupported-model',
    `${GGUF_METADATA}: ${name} is ${value}; this version of sotto runs only: ${supported.join(', ')}`,
  );
}

/** Whole numbers that a number can hold are numbers, however wide they are in the file. */
function plain(value: MetadataValue | null): MetadataValue | null {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
