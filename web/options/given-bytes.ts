import { SottoError } from '../results/errors.js';
import { badOption, tag } from './option-checks.js';

/** Whether it is a buffer or a view of one, from this frame or another. */
export function isBytes(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return ArrayBuffer.isView(value) || tag(value) === 'ArrayBuffer' || tag(value) === 'SharedArrayBuffer';
}

/**
 * The bytes of a buffer or of a view, as they lie there.
 *
 * @throws SottoError 'bad-option' when it is neither, or its buffer was transferred
 */
export function viewBytes(value: unknown, name: string): Uint8Array<ArrayBuffer> {
  if (!isBytes(value)) throw badOption(name, value, 'an ArrayBuffer or a view of one');
  try {
    const view = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value);
    return view as Uint8Array<ArrayBuffer>;
  } catch (cause) {
    const problem = 'its bytes are gone: the buffer was transferred, to a worker perhaps, or cut';
    throw new SottoError('bad-option', `${name} cannot be read: ${problem}. Give a copy of it.`, { cause });
  }
}

/**
 * A copy of the bytes, which nobody else can change, share or transfer.
 *
 * @throws SottoError 'bad-option' as `viewBytes`, 'out-of-memory'
 */
export function copyBytes(value: unknown, name: string): Uint8Array<ArrayBuffer> {
  const bytes = viewBytes(value, name);
  try {
    return bytes.slice();
  } catch (cause) {
    const problem = `there is no memory for a copy of ${name}, which has ${bytes.length} bytes`;
    throw new SottoError('out-of-memory', problem, { cause });
  }
}
