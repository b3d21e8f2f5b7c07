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
