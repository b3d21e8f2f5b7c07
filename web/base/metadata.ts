/** A value of a model file's metadata. Whole numbers beyond 2^53 are bigints; lists of numbers are typed arrays. */
export type MetadataValue =
  | number
  | bigint
  | boolean
  | string
  | readonly MetadataValue[]
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | BigUint64Array
  | BigInt64Array
  | Float64Array;

/** What a model file says of itself under the names of its format, such as GGUF's `llama.block_count`. */
export type Metadata = ReadonlyMap<string, MetadataValue>;
