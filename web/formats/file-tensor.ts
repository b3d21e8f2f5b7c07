import type { HasRandomAccess } from '../base/random-access.js';

/** One tensor of a file, as its header says, whatever the format of the file. */
export interface FileTensor {
  name: string;
  /** As the file names it: 'F32', 'BF16', 'U8', ... */
  dtype: string;
  /** Row-major; empty for a scalar. */
  shape: readonly number[];
  /** Offset of the first byte in the file. */
  begin: number;
  /** Offset behind the last byte in the file. */
  end: number;
}

/** A tensor of a file that is being read, with its bytes, and what random access its file has. */
export interface TensorStream extends HasRandomAccess {
  tensor: FileTensor;
  /**
   * The tensor's bytes, `end - begin` in all, in chunks that end anywhere. To be read before the next tensor is
   * asked for; what is left unread is skipped, and not even fetched where the file
   * seeks. A chunk is valid until the next one is asked for.
   */
  chunks: AsyncIterable<Uint8Array>;
}
