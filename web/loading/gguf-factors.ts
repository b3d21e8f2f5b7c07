import { quoted } from '../base/quoted.js';
import type { FileTensor, TensorStream } from '../formats/file-tensor.js';
import { SottoError } from '../results/errors.js';
import type { GgufPart } from './gguf-parts.js';
import type { PackageTensor } from './package.js';

/** A factor of a whole weight, which files that are made of NVIDIA's NVFP4 have right behind it. */
const FACTOR = /^(.+?)(?:\.weight)?\.scale$/;

/** How they round what a weight is multiplied by to four bits, which is not done here. */
const OF_INPUT = /^(.+?)(?:\.weight)?\.input_scale$/;

const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** The weight beside which a tensor tells of factors, null for any other tensor. */
export function weightBesideFactor(name: string): string | null {
  const stem = (FACTOR.exec(name) ?? OF_INPUT.exec(name))?.[1];
  return stem === undefined ? null : `${stem}.weight`;
}

/**
 * The names of the weights of a file that have a factor behind them.
 *
 * @param isNeeded Whether a weight of that name is computed with.
 * @throws SottoError 'unsupported-model' for a factor that is none of a weight in NVFP4, or does not stand behind it.
 */
export function weightsWithFactor(part: GgufPart, isNeeded: (weight: string) => boolean): Set<string> {
  const found = new Set<string>();
  part.tensors.forEach((factor, index) => {
    const weight = weightBesideFactor(factor.name);
    if (weight === null || !FACTOR.test(factor.name) || !isNeeded(weight)) return;
    const before = part.tensors[index - 1];
    if (before?.name !== weight || before.dtype !== 'NVFP4') {
      throw unsupported(part, factor, `${quoted(weight)} does not stand right before it, in NVFP4`);
    }
    if (factor.dtype !== 'F32' || factor.end - factor.begin !== BYTES) {
      throw unsupported(part, factor, `it is ${factor.dtype} [${factor.shape}]`);
    }
    found.add(weight);
  });
  return found;
}

function unsupported(part: GgufPart, factor: FileTensor, what: string): SottoError {
  return new SottoError(
    'unsupported-model',
    `${part.name}: tensor ${quoted(factor.name)} is a factor of a whole weight; this version of sotto multiplies by one ` +
      `number in F32 right behind a weight in NVFP4, and ${what}. Take a file of the same model in another type, such as ` +
      'Q4_K_M or Q8_0.',
  );
}

/**
 * Gives weights together with their factors: such a weight is held until its factor, the next tensor, comes.
 *
 * @param weights Those that {@link weightsWithFactor} found.
 * @throws SottoError 'bad-file' for a factor that is none
 */
export async function* withFactors(
  streams: AsyncIterable<TensorStream>,
  weights: ReadonlySet<string>,
): AsyncGenerator<PackageTensor> {
  let held: PackageTensor | null = null;
  for await (const stream of streams) {
    const { tensor } = stream;
    if (held !== null) {
      yield { ...held, factor: await factorOf(stream) };
      held = null;
    } else if (weights.has(tensor.name)) {
      held = { tensor, chunks: oneChunk(await bytesOf(stream)) };
    } else {
      yield stream;
    }
  }
}

async function factorOf(stream: TensorStream): Promise<number> {
  const factor = new DataView((await bytesOf(stream)).buffer).getFloat32(0, true);
  if (Number.isFinite(factor) && factor > 0) return factor;
  throw new SottoError(
    'bad-file',
    `tensor ${quoted(stream.tensor.name)} is ${factor}; a factor of a weight is a number above 0. Download the file again.`,
  );
}

async function bytesOf({ tensor, chunks }: TensorStream): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(tensor.end - tensor.begin);
  let length = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, length);
    length += chunk.byteLength;
  }
  return bytes;
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
