import type { ConfigReader } from './config-reader.js';

/** How names of a text model begin in files of models that see or hear; transformers 5 writes the first. */
export const TEXT_PREFIXES: readonly string[] = [
  'model.language_model.',
  'language_model.model.',
  'language_model.',
  'model.',
];

/**
 * The text model's part of a config; whether its head is tied may stand beside it.
 *
 * @throws SottoError 'bad-config' where there is none.
 */
export function readTextConfig(config: ConfigReader): ConfigReader {
  const text = config.section('text_config');
  if (text === null) throw config.bad('text_config', 'the config of a text model');
  if (text.raw('quantization_config') !== null) throw text.unsupported('quantization_config', ['null']);
  const isTied = config.raw('tie_word_embeddings');
  return isTied === null ? text : text.withDefaults({ tie_word_embeddings: isTied });
}
