import { shown } from '../base/json.js';
import type { Metadata } from '../base/metadata.js';
import { SottoError } from '../results/errors.js';
import { mapCohere2 } from './cohere2.js';
import { ConfigReader } from './config-reader.js';
import type { Attention, DecoderConfig, LayerKind, Norm, Rope } from './decoder-config.js';
import { mapErnie45 } from './ernie4-5.js';
import { mapExaone4 } from './exaone4.js';
import { mapGemma } from './gemma.js';
import { mapGemma2 } from './gemma2.js';
import { mapGemma3Text } from './gemma3.js';
import { mapGemma3nText } from './gemma3n.js';
import { mapGemma4Text } from './gemma4.js';
import { GGUF_METADATA, GgufHeader, type GgufTensor, unsupported } from './gguf-header.js';
import { ggufNames } from './gguf-names.js';
import { type GgufTensorReader, readRopeFactors } from './gguf-rope.js';
import { type GgufForm, GgufValues } from './gguf-values.js';
import { mapGptNeoX } from './gpt-neox.js';
import { mapGpt2 } from './gpt2.js';
import { mapGranite } from './granite.js';
import { mapHunyuanV1Dense } from './hunyuan-v1-dense.js';
import { mapLfm2 } from './lfm2.js';
import { mapLlama } from './llama.js';
import { mapMinistral3 } from './ministral3.js';
import type { ModelMapping } from './model-mapping.js';
import { mapOlmo2, mapOlmo3 } from './olmo2.js';
import { mapPhi } from './phi.js';
import { mapPhi3 } from './phi3.js';
import { mapQwen2 } from './qwen2.js';
import { mapQwen3 } from './qwen3.js';
import { mapSmolLm3 } from './smollm3.js';
import { mapStableLm } from './stablelm.js';
import { mappingOf, type TensorNames } from './tensor-table.js';

interface GgufArchitecture extends GgufForm {
  map(values: ConfigReader): ModelMapping;
  /** Interleaved also where converters permute the rows of q and k to be that: they are taken as they are. */
  pairing: Rope['pairing'];
  /** Whether biases are the family's; otherwise they are where the file has some. */
  hasOwnBiases?: true;
  /** Whether `rope_freqs.weight` says which frequencies of full layers turn at all. */
  turnsInPart?: true;
  names?: TensorNames;
}

const hasWindow = (header: GgufHeader) => header.valueUnlessZero('attention.sliding_window') !== null;

const GRANITE: GgufArchitecture = {
  map: mapGranite,
  pairing: 'interleaved',
  absent: { embedding_multiplier: 1, residual_multiplier: 1, logits_scaling: 1 },
  ignoresFeedForwardLength: true, // the experts' in files of dense models of that family
};

/** By `general.architecture`. What these have otherwise than transformers is what llama.cpp reads, writes and runs. */
const ARCHITECTURES: Readonly<Record<string, GgufArchitecture>> = {
  cohere2: { map: mapCohere2, pairing: 'interleaved', slides: () => true, absent: { logit_scale: 1 } },
  ernie4_5: { map: mapErnie45, pairing: 'interleaved' },
  // Of this family the model of 32B alone slides.
  exaone4: {
    map: mapExaone4,
    pairing: 'half',
    slides: (header) => hasWindow(header) && header.nBlocks === 64,
  },
  gemma: { map: mapGemma, pairing: 'half' },
  gemma2: {
    map: mapGemma2,
    pairing: 'half',
    slides: () => true,
    // Files of the first days lack them.
    absent: { sliding_window: 4096, attn_logit_softcapping: 50, final_logit_softcapping: 30 },
    layersOfWideScale: 46, // 27B
  },
  gemma3: { map: mapGemma3Text, pairing: 'half', slides: hasWindow, layersOfWideScale: 62 }, // 27B
  gemma3n: {
    map: mapGemma3nText,
    pairing: 'half',
    slides: () => true,
    absent: { final_logit_softcapping: 30 },
    layersDiffer: true,
  },
  gemma4: {
    map: mapGemma4Text,
    pairing: 'half',
    slides: () => true,
    layersDiffer: true,
    turnsInPart: true,
  },
  gpt2: { map: mapGpt2, pairing: 'half', hasOwnBiases: true, ignoresFeedForwardLength: true },
  gptneox: { map: mapGptNeoX, pairing: 'half' },
  granite: GRANITE,
  granitehybrid: GRANITE,
  granitemoe: GRANITE,
  'hunyuan-dense': { map: mapHunyuanV1Dense, pairing: 'half' },
  lfm2: {
    map: mapLfm2,
    pairing: 'half',
    hasConvolutions: true,
    names: ggufNames({ ofModel: { token_embd_norm: 'final_norm' } }),
  },
  llama: { map: mapLlama, pairing: 'interleaved' },
  mistral3: { map: mapMinistral3, pairing: 'interleaved' },
  olmo2: {
    map: (values) => (values.raw('sliding_window') === null ? mapOlmo2 : mapOlmo3)(values),
    pairing: 'half',
    slides: hasWindow,
  },
  phi2: { map: mapPhi, pairing: 'half', hasOwnBiases: true, ignoresFeedForwardLength: true },
  phi3: {
    map: mapPhi3,
    pairing: 'half',
    slides: hasWindow,
    names: ggufNames({ ofLayer: { ffn_up: 'mlp.gate_up' } }),
  },
  qwen2: { map: mapQwen2, pairing: 'half', hasOwnBiases: true },
  qwen3: { map: mapQwen3, pairing: 'half' },
  smollm3: { map: mapSmolLm3, pairing: 'interleaved' },
  stablelm: {
    map: mapStableLm,
    pairing: 'half',
    isParallel: (header) => !header.hasInLayers('ffn_norm.weight'), // what the metadata says is a guess
  },
};

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
  const architecture = ARCHITECTURES[name] as GgufArchitecture;
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
  if (Object.hasOwn(ARCHITECTURES, name)) return name;
  throw unsupported('general.architecture', shown(name), Object.keys(ARCHITECTURES));
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

/** The family's decoder with the weights as GGUF has them. */
function inGgufForm(
  config: DecoderConfig,
  architecture: GgufArchitecture,
  header: GgufHeader,
): DecoderConfig {
  return {
    ...config,
    kinds: config.kinds.map((kind) => kindInGgufForm(kind, architecture, header)),
    embeddingNorm: stored(config.embeddingNorm),
    finalNorm: stored(config.finalNorm),
  };
}

function kindInGgufForm(
  kind: LayerKind,
  { pairing, hasOwnBiases }: GgufArchitecture,
  header: GgufHeader,
): LayerKind {
  const { mixer, mlp } = kind;
  const bias = header.hasInLayers('ffn_up.bias', 'ffn_gate.bias', 'ffn_down.bias');
  return {
    ...kind,
    mixer:
      mixer.type === 'attention'
        ? attentionInGgufForm(mixer, pairing, hasOwnBiases === true ? null : header)
        : mixer,
    mlp: mlp === null || hasOwnBiases ? mlp : { ...mlp, bias },
    mixerNorm: stored(kind.mixerNorm),
    mixerPostNorm: stored(kind.mixerPostNorm),
    mlpNorm: stored(kind.mlpNorm),
    mlpPostNorm: stored(kind.mlpPostNorm),
  };
}

/** @param header Where biases stand; null leaves them as they are. */
function attentionInGgufForm(
  attention: Attention,
  pairing: Rope['pairing'],
  header: GgufHeader | null,
): Attention {
  const { rope, qkNorm } = attention;
  return {
    ...attention,
    ...(header !== null && {
      qkvBias: header.hasInLayers('attn_q.bias', 'attn_k.bias', 'attn_v.bias', 'attn_qkv.bias'),
      outputBias: header.hasInLayers('attn_output.bias'),
    }),
    qkNorm: qkNorm && { ...qkNorm, norm: stored(qkNorm.norm) },
    rope: rope && { ...rope, pairing },
  };
}

/** Converters add the 1 of weights that are 1 + what the model has. */
function stored<T extends Norm | null>(norm: T): T {
  return norm?.type === 'rms-plus-one' ? { ...norm, type: 'rms' } : norm;
}
