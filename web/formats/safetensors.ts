import { type ByteFile, ByteReader } from './byte-reader.js';
import {
  PREFIX_BYTES,
  parseHeaderLength,
  parseSafetensorsHeader,
  type SafetensorsTensor,
} from './safetensors-header.js';

export { parseSafetensorsHeader, type SafetensorsTensor };

/** A tensor of a file that is being read, with its bytes. */
export interface TensorStream {
  tensor: SafetensorsTensor;
  /**
   * The tensor's bytes, `end - begin` in all, in chunks that end anywhere. To be read before the next tensor is
   * asked for; what is left unread is skipped, and not even fetched where the file
   * seeks. A chunk is valid until the next one is asked for.
   */
  chunks: AsyncIterable<Uint8Array>;
}

/**
 * Reads a safetensors file from front to back, tensor by tensor in the order of their bytes. The header is
 * checked whole before the first tensor comes; nothing but the header is ever buffered.
 *
 * @throws SottoError 'bad-file' when the file is damaged, truncated or too long (while it is read, where its size
 *   is not known beforehand), and what the file's stream throws.
 */
export async function* readSafetensors(file: ByteFile): AsyncGenerator<TensorStream> {
  const reader = new ByteReader(file);
  try {
    const prefix = await reader.read(PREFIX_BYTES);
    const header = await reader.read(parseHeaderLength(prefix, file.name, file.size));
    for (const tensor of parseSafetensorsHeader(header, file.name, file.size)) {
      yield { tensor, chunks: reader.readTo(tensor.end) };
      reader.skipTo(tensor.end); // what the caller left unread
    }
    await reader.expectEnd();
  } finally {
    await reader.close();
  }
}
