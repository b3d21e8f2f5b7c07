import { shown } from '../base/json.js';
import type { Metadata } from '../base/metadata.js';
import { SottoError } from '../results/errors.js';
import { ConfigReader } from './config-reader.js';
import { GGUF_ARCHITECTURES, type GgufArchitecture } from './gguf-architectures.js';
import { inGgufForm } from './gguf-form.js';
import { GGUF_METADATA, GgufHeader, type GgufTensor, unsupported } from './gguf-header.js';
import { ggufNames } from './gguf-names.js';
import { type GgufTensorReader, readRopeFactors } from './gguf-rope.js';
import { GgufValues } from './gguf-values.js';
import type { ModelMapping } from './model-mapping.js';
import { mappingOf } from './tensor-table.js';

const NAMES = ggufNames();

/**
 * Turns the header of a GGUF file into what the engine needs to know, whatever the architecture.
 *
 * @param metadata Its key-value pairs.
 * @param tensors All tensors, of all files where it is split.
 * @param read Gives the values of a tensor of at most 2,048 numbers in F32: those that are a part of the configuration.
 * @throws SottoError 'unsupported-model' for an architecture or a value that this version does not run, 'bad-config' for
 *   missing, absurd or contradictory values, 'bad-tensor' and 'missing-tensor' for factors of positions; what `read` throws.
 */
export async function mapGguf(
  metadata: Metadata,
  tensors: readonly GgufTensor[],
  read: GgufTensorReader,
): Promise<ModelMapping> {
  const name = architectureOf(metadata);
  const architecture = GGUF_ARCHITECTURES[name] as GgufArchitecture;
  const header = new GgufHeader(metadata, name, tensors);
  const factors = await readRopeFactors(header, read, architecture.turnsInPart);
  const values = new ConfigReader(new GgufValues(header, architecture, factors), GGUF_METADATA);
  values.requireOff('num_local_experts');
  requireCausal(header);
  const { architecture: family, config } = architecture.map(values);
  return mappingOf(family, inGgufForm(config, architecture, header), architecture.names ?? NAMES);
}

/** @throws SottoError 'bad-config' or 'unsupported-model' */
function architectureOf(metadata: Metadata): string {
  const kind = metadata.get('general.type') ?? 'model';
  if (kind !== 'model') throw unsupported('general.type', shown(kind), ['model']);
  const name = metadata.get('general.architecture');
  if (typeof name !== 'string') {
    const what = name === undefined ? 'is missing' : `is ${shown(name)}`;
    throw new SottoError(
      'bad-config',
      `${GGUF_METADATA}: general.architecture ${what}; expected the name of an architecture`,
    );
  }
  if (Object.hasOwn(GGUF_ARCHITECTURES, name)) return name;
  throw unsupported('general.architecture', shown(name), Object.keys(GGUF_ARCHITECTURES));
}

/** Refuses what changes attention in files of any architecture. */
function requireCausal(header: GgufHeader): void {
  const isCausal = header.value('attention.causal') ?? true;
  if (isCausal !== true) throw header.unsupported('attention.causal', shown(isCausal), ['true']);
  for (const key of ['attention.clamp_kqv', 'attention.max_alibi_bias']) {
    const value = header.valueUnlessZero(key);
    if (value !== null) throw header.unsupported(key, shown(value), ['0']);
  }
}
