// The table of inputs per layer, which may be most of a model: a token reads one row of it. Where the files can be read at any
// time, it stays there.
import { type TensorPlacement, toTensorRequest } from '../architectures/placement.js';
import type { EngineModel } from '../engine/engine.js';
import type { TensorStream } from '../formats/file-tensor.js';
import { SottoError } from '../results/errors.js';
import type { ModelPackage } from './package.js';
import { named } from './write-tensor.js';

/** The engine's name of it. */
export const ROWS = 'per_layer_inputs.embedding.weight';

/** Whether the model has such a table, and leaves it in its files. */
export function hasRowsOutside({ mapping, hasRandomAccess }: ModelPackage): boolean {
  return hasRandomAccess && mapping.config.perLayerInputs !== null;
}

export function isOutside(opened: ModelPackage, placement: TensorPlacement): boolean {
  return placement.name === ROWS && hasRowsOutside(opened);
}

/**
 * Leaves a tensor in its file, of which the engine reads rows.
 *
 * @throws SottoError as `EngineModel.keepOutside`, with the tensor's name in the file; as the file's `openRandomAccess`
 */
export async function keepOutside(
  model: EngineModel,
  placement: TensorPlacement,
  { tensor, openRandomAccess }: TensorStream,
): Promise<void> {
  const request = toTensorRequest(placement, tensor);
  // F64 is converted on its way, and a factor beside NVFP4 comes in there.
  const file = tensor.dtype === 'F64' ? undefined : await openRandomAccess?.();
  if (file === undefined) {
    throw new SottoError(
      'unsupported-model',
      `tensor ${tensor.name} is in ${tensor.dtype}, of which this version of sotto reads no single rows; take a file of the ` +
        'same model in another type',
    );
  }
  const rows = {
    read: (offset: number, into: Uint8Array) => file.read(tensor.begin + offset, into),
    close: () => file.close(),
  };
  try {
    named(tensor, () => model.keepOutside(request, rows));
  } catch (error) {
    file.close();
    throw error;
  }
}
