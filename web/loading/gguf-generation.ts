import type { Metadata } from '../base/metadata.js';
import { readGgufEndTokenIds } from '../text/gguf-vocabulary.js';

/** Recommended sampling (gguf-py's constants, `general.sampling`), and the same in generation_config.json. */
const SAMPLING: Readonly<Record<string, string>> = {
  'general.sampling.temp': 'temperature',
  'general.sampling.top_k': 'top_k',
  'general.sampling.top_p': 'top_p',
  'general.sampling.min_p': 'min_p',
  'general.sampling.penalty_repeat': 'repetition_penalty',
};

/** What a GGUF file says of generation, under the keys of generation_config.json; what has none there keeps its own. */
export function ggufGenerationConfig(metadata: Metadata): Record<string, unknown> {
  const ends = readGgufEndTokenIds(metadata);
  const config: Record<string, unknown> = {
    bos_token_id: metadata.get('tokenizer.ggml.bos_token_id') ?? null,
    eos_token_id: ends.length === 0 ? null : ends,
  };
  for (const [key, value] of metadata) {
    if (!key.startsWith('general.sampling.')) continue;
    // Files have f32: 0.95 is 0.949999988...
    config[SAMPLING[key] ?? key] = typeof value === 'number' ? Number(value.toPrecision(7)) : value;
  }
  if (Object.keys(SAMPLING).some((key) => metadata.has(key))) config.do_sample = config.temperature !== 0;
  if (config.temperature === 0) delete config.temperature; // greedy, in words that generation_config.json has
  return config;
}
