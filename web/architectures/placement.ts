import { SottoError } from '../results/errors.js';

/** Where a tensor of a file belongs in the engine. */
export interface TensorPlacement {
  /** The engine's name for the tensor that it fills, or a part of it. */
  name: string;
  /** Whether the file stores it as [in, out]; the engine wants [out, in]. */
  transposed: boolean;
  /** First row of the engine's tensor that it fills; 0 unless the file splits what the engine keeps together. */
  rowOffset: number;
  /**
   * The rows of the file are [n, parts, rest] for an n that follows, and the engine wants [parts, n, rest], with so many
   * rows in `rest`: heads whose q, k and v stand together become all q, all k, all v. Left out: they are as wanted.
   */
  regroup?: { parts: number; rest: number } | null;
  /**
   * The columns of the engine's tensor, where files differ in the dimensions that they give it: all else is rows.
   * Left out: the file's matrix or vector is the engine's.
   */
  columns?: number;
}

/** What the engine is told about a tensor before its bytes come. */
export interface TensorRequest extends TensorPlacement {
  /** Type of the bytes: the file's, and F32 for what the file has in F64. */
  dtype: string;
  /** Shape as stored; a vector of n has n rows and 1 column. */
  rows: number;
  columns: number;
}

/** Types of elements in files, and as what the engine gets them. */
const ELEMENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['F64', 'F32'],
  ['F32', 'F32'],
  ['F16', 'F16'],
  ['BF16', 'BF16'],
]);

/** Names of GGUF's types of blocks; the engine tells which of them it reads. */
const BLOCK_TYPE = /^(?:I?Q\d|TQ\d|MXFP4|NVFP4)/;

/** Whether a file's type is one of blocks that are quantised already. */
export function isBlockType(dtype: string): boolean {
  return BLOCK_TYPE.test(dtype);
}

/** A placement as it stands in the file, the most common one, or with what differs. */
export function place(name: string, options: Partial<Omit<TensorPlacement, 'name'>> = {}): TensorPlacement {
  return { name, transposed: false, rowOffset: 0, regroup: null, ...options };
}

/**
 * Joins what the architecture and what the file say about a tensor.
 *
 * @param tensor The tensor as its file describes it.
 * @throws SottoError 'unsupported-model' when its type is no supported weight type, 'bad-tensor' when it is neither
 *   a vector nor a matrix.
 */
export function toTensorRequest(
  placement: TensorPlacement,
  tensor: { name: string; dtype: string; shape: readonly number[] },
): TensorRequest {
  const { name, dtype, shape } = tensor;
  const engineDtype = ELEMENT_TYPES.get(dtype) ?? (isBlockType(dtype) ? dtype : undefined);
  if (engineDtype === undefined) {
    throw new SottoError(
      'unsupported-model',
      `tensor ${name} has the type ${dtype}; weights may be ${[...ELEMENT_TYPES.keys()].join(', ')}, or GGUF's blocks`,
    );
  }
  const bad = (expected: string) =>
    new SottoError(
      'bad-tensor',
      `tensor ${name} has the shape [${shape.slice(0, 8).join(', ')}]; ${expected}`,
    );
  if (placement.columns !== undefined) {
    const { columns } = placement;
    if (columns > 1 && shape.at(-1) !== columns) throw bad(`its last dimension should be ${columns}`);
    const rows = shape.reduce((product, size) => product * size, 1) / columns;
    return { ...placement, dtype: engineDtype, rows, columns };
  }
  // A depthwise convolution has [channels, 1, taps].
  const [rows, columns = 1, ...more] = shape.length === 3 && shape[1] === 1 ? [shape[0], shape[2]] : shape;
  if (rows === undefined || more.length > 0) throw bad('a weight has one dimension or two');
  return { ...placement, dtype: engineDtype, rows, columns };
}
