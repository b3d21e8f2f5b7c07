import { SottoError } from '../results/errors.js';
import type { SourceFile } from './source.js';

/** How to read a whole file. */
export interface ReadOptions {
  /** The most bytes that the file may hold, so that a wrong file cannot fill the memory. */
  maxBytes: number;
  /** Called with the bytes read so far, after each chunk. */
  onBytes?: (loaded: number) => void;
}

/**
 * Reads a small file whole.
 *
 * @throws SottoError 'bad-file' when it holds more than `maxBytes`, and what the file's stream throws.
 */
export async function readBytes(file: SourceFile, options: ReadOptions): Promise<Uint8Array> {
  const { maxBytes, onBytes } = options;
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  for await (const chunk of file.stream()) {
    loaded += chunk.byteLength;
    // Within the loop even where the size is known: leaving it lets go of the file.
    const size = Math.max(loaded, file.size ?? 0);
    if (size > maxBytes) throw tooLarge(file, maxBytes, size);
    chunks.push(chunk.slice());
    onBytes?.(loaded);
  }
  const bytes = new Uint8Array(loaded);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function tooLarge(file: SourceFile, maxBytes: number, size: number): SottoError {
  return new SottoError(
    'bad-file',
    `${file.name} holds ${size} bytes or more, and at most ${maxBytes} are expected: it is not the file its name says`,
  );
}
