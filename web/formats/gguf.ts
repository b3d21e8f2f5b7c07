import { accessOf } from '../base/random-access.js';
import { type ByteFile, ByteReader } from './byte-reader.js';
import type { FileTensor, TensorStream } from './file-tensor.js';
import { MoreBytesNeeded } from './gguf-cursor.js';
import { type GgufHeader, parseGgufHeader } from './gguf-header.js';

const FIRST_BYTES = 1 << 20;

/**
 * Reads the header of a GGUF file and nothing behind it.
 *
 * @throws SottoError as {@link parseGgufHeader}; what the file's stream throws.
 */
export async function readGgufHeader(file: ByteFile): Promise<GgufHeader> {
  const reader = new ByteReader(file);
  try {
    // Twice as much each time, so that all attempts together cost as much as two.
    for (let wanted = FIRST_BYTES; ; ) {
      const bytes = await reader.peek(wanted);
      // A file that ends within its header is as long as what came of it.
      const size = bytes.byteLength < wanted ? bytes.byteLength : file.size;
      try {
        return parseGgufHeader(bytes, file.name, size);
      } catch (error) {
        if (!(error instanceof MoreBytesNeeded)) throw error;
        wanted = Math.max(2 * wanted, error.end);
      }
    }
  } finally {
    await reader.close();
  }
}

/**
 * Reads tensors of a file in the order of their bytes, once.
 *
 * @throws SottoError 'bad-file' when the file ends before; what the file's stream throws.
 */
export async function* readGgufTensors(
  file: ByteFile,
  tensors: readonly FileTensor[],
): AsyncGenerator<TensorStream> {
  const reader = new ByteReader(file, file.seeks ? (tensors[0]?.begin ?? 0) : 0);
  try {
    for (const tensor of tensors) {
      reader.skipTo(tensor.begin);
      yield { tensor, chunks: reader.readTo(tensor.end), ...accessOf(file) };
    }
  } finally {
    await reader.close();
  }
}
