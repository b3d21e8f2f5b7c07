import { SottoError } from '../errors.js';
import { ConfigReader, shown } from './config-reader.js';
import { mapGpt2 } from './gpt2.js';
import type { ModelMapping } from './model-mapping.js';

interface Architecture {
  modelType: string;
  /** The class that config.json names in `architectures`, for files that lack `model_type`. */
  className: string;
  map(values: ConfigReader): ModelMapping;
}

/** Every architecture that this version runs: a new one adds its file and its row. */
const ARCHITECTURES: readonly Architecture[] = [
  { modelType: 'gpt2', className: 'GPT2LMHeadModel', map: mapGpt2 },
];

/**
 * Turns a config.json into what the engine needs to know, whatever the architecture.
 *
 * @param configJson The parsed content of config.json.
 * @throws SottoError 'unsupported-model' for an architecture or a value that this version does not run,
 *   'bad-config' for absurd or contradictory sizes, 'out-of-memory' for weights that cannot fit, 'bad-file' when
 *   the content is no JSON object.
 */
export function mapModel(configJson: unknown): ModelMapping {
  const values = new ConfigReader(configJson);
  const architecture = findArchitecture(values);
  if (values.raw('quantization_config') !== null) {
    throw new SottoError(
      'unsupported-model',
      'config.json: quantization_config says that the weights are quantised; this version of sotto reads f32, f16 ' +
        'and bf16. Choose the model in one of these.',
    );
  }
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
