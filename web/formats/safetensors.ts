import { accessOf } from '../base/random-access.js';
import { SottoError } from '../results/errors.js';
import { type ByteFile, ByteReader } from './byte-reader.js';
import { contentKind, TELLING_BYTES } from './content-kind.js';
import type { FileTensor, TensorStream } from './file-tensor.js';
import { PREFIX_BYTES, parseHeaderLength, parseSafetensorsHeader } from './safetensors-header.js';

export { parseSafetensorsHeader };

/** A file whose header is read and checked. */
export interface SafetensorsFile {
  /** In the order of their bytes. */
  tensors: readonly FileTensor[];
  /** Reads them, once: to be begun by whoever opened the file, as its end lets go of it. */
  streams: AsyncGenerator<TensorStream>;
  /** Lets go of the file instead. */
  close(): Promise<void>;
}

/** Thrown for a file that is none of safetensors: it holds nothing, or a page. Stores answer so for what is not there. */
export class NoFileError extends SottoError {}

/**
 * Reads the header of a safetensors file, which is checked whole; nothing but the header is ever buffered.
 *
 * @throws SottoError 'bad-file' when the file is damaged or something else; {@link NoFileError}; what the file's stream throws.
 */
export async function openSafetensors(file: ByteFile): Promise<SafetensorsFile> {
  const reader = new ByteReader(file);
  try {
    await checkBeginning(reader, file.name);
    const prefix = await reader.read(PREFIX_BYTES);
    const header = await reader.read(parseHeaderLength(prefix, file.name, file.size));
    const tensors = parseSafetensorsHeader(header, file.name, file.size);
    return { tensors, streams: readTensors(reader, file, tensors), close: () => reader.close() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** A header begins with a brace, always; what has none may be something that can be named. */
async function checkBeginning(reader: ByteReader, fileName: string): Promise<void> {
  const bytes = await reader.peek(PREFIX_BYTES + 1);
  if (bytes.byteLength === 0) {
    throw new NoFileError('bad-file', `${fileName} is truncated: it holds 0 bytes. Download the file again.`);
  }
  if (bytes[PREFIX_BYTES] === 0x7b) return;
  const kind = contentKind(await reader.peek(TELLING_BYTES));
  if (kind === null) return;
  const ErrorClass = kind.isPage ? NoFileError : SottoError;
  throw new ErrorClass('bad-file', `${fileName} is no safetensors file but ${kind.what}. ${kind.advice}`);
}

async function* readTensors(
  reader: ByteReader,
  file: ByteFile,
  tensors: readonly FileTensor[],
): AsyncGenerator<TensorStream> {
  try {
    for (const tensor of tensors) {
      yield { tensor, chunks: reader.readTo(tensor.end), ...accessOf(file) };
      reader.skipTo(tensor.end); // what the caller left unread
    }
    await reader.expectEnd();
  } finally {
    await reader.close();
  }
}

/**
 * Reads a safetensors file from front to back, tensor by tensor in the order of their bytes.
 *
 * @throws SottoError 'bad-file' when the file is damaged, truncated or too long (while it is read, where its size
 *   is not known beforehand), and what {@link openSafetensors} throws.
 */
export async function* readSafetensors(file: ByteFile): AsyncGenerator<TensorStream> {
  yield* (await openSafetensors(file)).streams;
}
