import type { ModelMapping } from '../architectures/model-mapping.js';
import type { TensorPlacement } from '../architectures/placement.js';
import { StreamHash } from '../base/stream-hash.js';
import type { EngineModel } from '../engine/engine.js';
import type { TensorStream } from '../formats/file-tensor.js';
import { writeTensor } from './write-tensor.js';

const EMBEDDING = 'token_embedding.weight';
const HEAD = 'head.weight';

/** Whether a tensor is the token embedding or the head. */
export function isOfPair(placement: TensorPlacement | 'skip' | null): placement is TensorPlacement {
  return typeof placement === 'object' && (placement?.name === EMBEDDING || placement?.name === HEAD);
}

/** Where the first of a tied pair goes. */
export function ofPair(placement: TensorPlacement): TensorPlacement {
  return { ...placement, name: EMBEDDING };
}

/**
 * Token embedding and head of a model whose config says that they are one. Files hold either of them, or both; the first that
 * comes fills both. Where a second one differs, the config is wrong, as transformers has it (`tie_weights` in its
 * its modeling_utils): only the bytes tell, and of the first no more than a hash is left by then.
 */
export class TiedPair {
  readonly #hasSeveral: boolean;
  #first: string | null = null; // what the first one was

  /** @param names Of all tensors of the files. */
  constructor({ tensor }: ModelMapping, names: ReadonlySet<string>) {
    this.#hasSeveral = [...names].filter((name) => this.has(tensor(name))).length > 1;
  }

  /** Whether a tensor is one of the pair. */
  has(placement: TensorPlacement | 'skip' | null): placement is TensorPlacement {
    return isOfPair(placement);
  }

  /**
   * Writes the first of the pair, and compares the others with it.
   *
   * @returns Whether it equals the first one, or is that.
   */
  async write(model: EngineModel, placement: TensorPlacement, stream: TensorStream): Promise<boolean> {
    const { tensor } = stream;
    const hash = this.#hasSeveral ? new StreamHash() : null;
    const chunks = hash === null ? stream.chunks : hashed(stream.chunks, hash);
    const isFirst = this.#first === null;
    if (isFirst) await writeTensor(model, ofPair(placement), { tensor, chunks });
    else for await (const _ of chunks); // for its hash
    const what = [tensor.dtype, tensor.shape, hash?.digest].join('; ');
    this.#first ??= what;
    return this.#first === what;
  }
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: StreamHash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.add(chunk);
    yield chunk;
  }
}
