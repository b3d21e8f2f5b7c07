import { shown } from '../base/json.js';
import { SottoError } from '../results/errors.js';
import { mapCohere2 } from './cohere2.js';
import { ConfigReader } from './config-reader.js';
import { mapErnie45 } from './ernie4-5.js';
import { mapExaone4 } from './exaone4.js';
import { mapFalconH1 } from './falcon-h1.js';
import { mapGemma } from './gemma.js';
import { mapGemma2 } from './gemma2.js';
import { mapGemma3, mapGemma3Text } from './gemma3.js';
import { mapGemma3n, mapGemma3nText } from './gemma3n.js';
import { mapGemma4, mapGemma4Text } from './gemma4.js';
import { mapGptNeo } from './gpt-neo.js';
import { mapGptNeoX } from './gpt-neox.js';
import { mapGpt2 } from './gpt2.js';
import { mapGranite, mapGraniteMoeHybrid } from './granite.js';
import { mapHunyuanV1Dense } from './hunyuan-v1-dense.js';
import { mapLfm2 } from './lfm2.js';
import { mapLlama } from './llama.js';
import { mapMamba2 } from './mamba2.js';
import { mapMinistral3 } from './ministral3.js';
import { mapMistral, mapMistral3 } from './mistral.js';
import type { ModelMapping } from './model-mapping.js';
import { mapNanochat } from './nanochat.js';
import { mapOlmo2, mapOlmo3 } from './olmo2.js';
import { mapPhi } from './phi.js';
import { mapPhi3 } from './phi3.js';
import { mapQwen2 } from './qwen2.js';
import { mapQwen3 } from './qwen3.js';
import { mapQwen35, mapQwen35Text } from './qwen3-5.js';
import { mapSmolLm3 } from './smollm3.js';
import { mapStableLm } from './stablelm.js';

interface Architecture {
  modelType: string;
  /** The class that config.json names in `architectures`, for files that lack `model_type`. */
  className: string;
  map(values: ConfigReader): ModelMapping;
}

/** Every architecture that this version runs: a new one adds its file and its row. */
const ARCHITECTURES: readonly Architecture[] = [
  { modelType: 'cohere2', className: 'Cohere2ForCausalLM', map: mapCohere2 },
  { modelType: 'ernie4_5', className: 'Ernie4_5ForCausalLM', map: mapErnie45 },
  { modelType: 'exaone4', className: 'Exaone4ForCausalLM', map: mapExaone4 },
  { modelType: 'falcon_h1', className: 'FalconH1ForCausalLM', map: mapFalconH1 },
  { modelType: 'gemma', className: 'GemmaForCausalLM', map: mapGemma },
  { modelType: 'gemma2', className: 'Gemma2ForCausalLM', map: mapGemma2 },
  { modelType: 'gemma3', className: 'Gemma3ForConditionalGeneration', map: mapGemma3 },
  { modelType: 'gemma3_text', className: 'Gemma3ForCausalLM', map: mapGemma3Text },
  { modelType: 'gemma3n', className: 'Gemma3nForConditionalGeneration', map: mapGemma3n },
  { modelType: 'gemma3n_text', className: 'Gemma3nForCausalLM', map: mapGemma3nText },
  { modelType: 'gemma4', className: 'Gemma4ForConditionalGeneration', map: mapGemma4 },
  { modelType: 'gemma4_text', className: 'Gemma4ForCausalLM', map: mapGemma4Text },
  { modelType: 'gpt2', className: 'GPT2LMHeadModel', map: mapGpt2 },
  { modelType: 'gpt_neo', className: 'GPTNeoForCausalLM', map: mapGptNeo },
  { modelType: 'gpt_neox', className: 'GPTNeoXForCausalLM', map: mapGptNeoX },
  { modelType: 'granite', className: 'GraniteForCausalLM', map: mapGranite },
  { modelType: 'granitemoehybrid', className: 'GraniteMoeHybridForCausalLM', map: mapGraniteMoeHybrid },
  { modelType: 'hunyuan_v1_dense', className: 'HunYuanDenseV1ForCausalLM', map: mapHunyuanV1Dense },
  { modelType: 'lfm2', className: 'Lfm2ForCausalLM', map: mapLfm2 },
  { modelType: 'llama', className: 'LlamaForCausalLM', map: mapLlama },
  { modelType: 'mamba2', className: 'Mamba2ForCausalLM', map: mapMamba2 },
  { modelType: 'ministral3', className: 'Ministral3ForCausalLM', map: mapMinistral3 },
  { modelType: 'mistral', className: 'MistralForCausalLM', map: mapMistral },
  { modelType: 'mistral3', className: 'Mistral3ForConditionalGeneration', map: mapMistral3 },
  { modelType: 'nanochat', className: 'NanoChatForCausalLM', map: mapNanochat },
  { modelType: 'olmo2', className: 'Olmo2ForCausalLM', map: mapOlmo2 },
  { modelType: 'olmo3', className: 'Olmo3ForCausalLM', map: mapOlmo3 },
  { modelType: 'phi', className: 'PhiForCausalLM', map: mapPhi },
  { modelType: 'phi3', className: 'Phi3ForCausalLM', map: mapPhi3 },
  { modelType: 'qwen2', className: 'Qwen2ForCausalLM', map: mapQwen2 },
  { modelType: 'qwen3', className: 'Qwen3ForCausalLM', map: mapQwen3 },
  { modelType: 'qwen3_5', className: 'Qwen3_5ForConditionalGeneration', map: mapQwen35 },
  { modelType: 'qwen3_5_text', className: 'Qwen3_5ForCausalLM', map: mapQwen35Text },
  { modelType: 'smollm3', className: 'SmolLM3ForCausalLM', map: mapSmolLm3 },
  { modelType: 'stablelm', className: 'StableLmForCausalLM', map: mapStableLm },
];

/**
 * Turns a config.json into what the engine needs to know, whatever the architecture.
 *
 * @param configJson The parsed content of config.json.
 * @throws SottoError 'unsupported-model' for an architecture or a value that this version does not run,
 *   'bad-config' for absurd or contradictory sizes, 'bad-file' when the content is no JSON object.
 */
export function mapModel(configJson: unknown): ModelMapping {
  const values = ConfigReader.ofJson(configJson);
  const architecture = findArchitecture(values);
  if (values.raw('quantization_config') !== null) {
    throw new SottoError(
      'unsupported-model',
      'config.json: quantization_config says that the weights are quantised; this version of sotto reads f32, f16 ' +
        'and bf16. Choose the model in one of these.',
    );
  }
  values.requireOff('num_local_experts');
  return architecture.map(values);
}

function findArchitecture(values: ConfigReader): Architecture {
  const modelType = values.raw('model_type');
  const classNames = values.raw('architectures');
  const className = Array.isArray(classNames) ? (classNames[0] as unknown) : null;
  const found = ARCHITECTURES.find((architecture) =>
    modelType === null ? architecture.className === className : architecture.modelType === modelType,
  );
  if (found !== undefined) return found;
  const supported = ARCHITECTURES.map((architecture) => architecture.modelType).join(', ');
  const what =
    modelType === null ? `architectures names ${shown(className)}` : `model_type is ${shown(modelType)}`;
  throw new SottoError(
    'unsupported-model',
    `config.json: ${what}; this version of sotto runs the architectures: ${supported}`,
  );
}
