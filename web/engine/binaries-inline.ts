import { BINARIES } from '../base/embedded.js';
import { inflate } from '../base/inflate.js';
import type { VariantName } from '../options/engine-options.js';
import { SottoError } from '../results/errors.js';
import { messageOf } from '../results/thrown.js';
import type { EmbeddedBinary } from './binaries.js';

/** The binary of a variant, which has one thread here. */
export function packageBinary(name: VariantName): EmbeddedBinary {
  return {
    name: `${name}.wasm of sotto/inline`,
    read: () =>
      inflate(BINARIES[name === 'relaxed' ? name : 'simd']).catch((cause: unknown) => {
        const problem = `the engine's binary cannot be unpacked (${messageOf(cause)})`;
        throw new SottoError('unsupported-environment', problem, { cause });
      }),
  };
}
