import { mapCohere2 } from './cohere2.js';
import type { ConfigReader } from './config-reader.js';
import type { Rope } from './decoder-config.js';
import { mapErnie45 } from './ernie4-5.js';
import { mapExaone4 } from './exaone4.js';
import { mapFalconH1 } from './falcon-h1.js';
import { mapGemma } from './gemma.js';
import { mapGemma2 } from './gemma2.js';
import { mapGemma3Text } from './gemma3.js';
import { mapGemma3nText } from './gemma3n.js';
import { mapGemma4Text } from './gemma4.js';
import type { GgufHeader } from './gguf-header.js';
import { ggufNames } from './gguf-names.js';
import type { GgufForm } from './gguf-values.js';
import { mapGptNeoX } from './gpt-neox.js';
import { mapGpt2 } from './gpt2.js';
import { mapGranite, mapGraniteMoeHybrid } from './granite.js';
import { mapHunyuanV1Dense } from './hunyuan-v1-dense.js';
import { mapLfm2 } from './lfm2.js';
import { mapLlama } from './llama.js';
import { mapMamba2 } from './mamba2.js';
import { mapMinistral3 } from './ministral3.js';
import type { ModelMapping } from './model-mapping.js';
import { mapOlmo2, mapOlmo3 } from './olmo2.js';
import { mapPhi } from './phi.js';
import { mapPhi3 } from './phi3.js';
import { mapQwen2 } from './qwen2.js';
import { mapQwen3 } from './qwen3.js';
import { mapQwen35Text } from './qwen3-5.js';
import { mapSmolLm3 } from './smollm3.js';
import { mapStableLm } from './stablelm.js';
import { HYBRID_KEYS } from './state-space.js';
import type { TensorNames } from './tensor-table.js';

/** What runs the files of an architecture. */
export interface GgufArchitecture extends GgufForm {
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
export const GGUF_ARCHITECTURES: Readonly<Record<string, GgufArchitecture>> = {
  cohere2: { map: mapCohere2, pairing: 'interleaved', slides: () => true, absent: { logit_scale: 1 } },
  ernie4_5: { map: mapErnie45, pairing: 'interleaved' },
  // Of this family the model of 32B alone slides.
  exaone4: {
    map: mapExaone4,
    pairing: 'half',
    slides: (header) => hasWindow(header) && header.nBlocks === 64,
  },
  'falcon-h1': {
    map: mapFalconH1,
    pairing: 'half',
    absent: { embedding_multiplier: 1 }, // all multipliers are in the weights
    names: ggufNames({ wholeOfLayer: { ffn_norm: 'mlp_norm.weight' } }), // so its converter has it
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
  granitehybrid: {
    ...GRANITE,
    map: mapGraniteMoeHybrid,
    mixers: { key: 'attention.head_count_kv', attention: 'attention', other: 'mamba' },
  },
  granitemoe: GRANITE,
  'hunyuan-dense': { map: mapHunyuanV1Dense, pairing: 'half' },
  lfm2: {
    map: mapLfm2,
    pairing: 'half',
    mixers: { key: 'attention.head_count_kv', attention: 'full_attention', other: 'conv' },
    names: ggufNames({ ofModel: { token_embd_norm: 'final_norm' } }),
  },
  llama: { map: mapLlama, pairing: 'interleaved' },
  mamba2: { map: (values) => mapMamba2(values, HYBRID_KEYS), pairing: 'half' },
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
  qwen35: {
    map: mapQwen35Text,
    pairing: 'half',
    mixers: { key: 'attention.recurrent_layers', attention: 'full_attention', other: 'linear_attention' },
    names: ggufNames({ ofLayer: { post_attention_norm: 'mlp_norm' } }),
  },
  smollm3: { map: mapSmolLm3, pairing: 'interleaved' },
  stablelm: {
    map: mapStableLm,
    pairing: 'half',
    isParallel: (header) => !header.hasInLayers('ffn_norm.weight'), // what the metadata says is a guess
  },
};
