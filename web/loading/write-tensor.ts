import { type TensorPlacement, toTensorRequest } from '../architectures/placement.js';
import { shortened } from '../base/quoted.js';
import type { EngineModel } from '../engine/engine.js';
import type { FileTensor, TensorStream } from '../formats/file-tensor.js';
import { float64ToFloat32 } from '../formats/float64.js';
import { SottoError } from '../results/errors.js';

/**
 * Streams a tensor to its place in the engine.
 *
 * @throws SottoError 'bad-tensor', 'bad-file' for numbers that are none, 'unsupported-model', 'out-of-memory': each with the
 * tensor's name in the file; what the chunks throw.
 */
export async function writeTensor(
  model: EngineModel,
  placement: TensorPlacement,
  { tensor, chunks }: TensorStream,
): Promise<void> {
  const request = toTensorRequest(placement, tensor);
  const writer = named(tensor, () => model.beginTensor(request));
  for await (const chunk of tensor.dtype === 'F64' ? float64ToFloat32(chunks) : chunks) {
    named(tensor, () => writer.write(chunk));
  }
  named(tensor, () => writer.end());
}

/** Calls the engine about a tensor, with the tensor's name and shape in its errors: the engine knows its own names only. */
export function named<T>({ name, shape }: FileTensor, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SottoError) || !['bad-tensor', 'bad-file'].includes(error.code)) throw error;
    const what = `tensor ${shownName(name)} [${shape.slice(0, 8).join(', ')}]`;
    throw new SottoError(error.code, `${what}: ${error.message}`, { cause: error });
  }
}

/** The name of a tensor in a file, for messages. */
export function shownName(name: string): string {
  return shortened(name, 120);
}
