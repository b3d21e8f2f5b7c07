/**
 * What becomes of a key: 'read' makes a default or a token of it, 'no-effect' has none on the tokens of a decoder. Else it
 * asks for what is not done here, unless its value is null or `neutral`; `only` where that could matter at all.
 */
type KeyUse = 'read' | 'no-effect' | { neutral: readonly unknown[]; only?: Circumstance };

/** What the files ask for otherwise. */
export type Circumstance = 'drawing' | 'beams';

const NOT_DONE: KeyUse = { neutral: [] };

/** All keys that transformers 5.12.1 knows (the arguments of its GenerationConfig). */
const KEYS: Readonly<Record<string, KeyUse>> = {
  // How long a text is.
  max_length: 'read',
  max_new_tokens: 'read',
  min_length: 'read',
  min_new_tokens: 'read',
  max_time: 'read',
  stop_strings: 'read',
  // The strategy.
  do_sample: 'read',
  num_beams: 'read',
  early_stopping: 'read',
  length_penalty: 'read',
  num_return_sequences: 'read',
  penalty_alpha: 'read',
  low_memory: 'no-effect',
  num_beam_groups: { neutral: [1], only: 'beams' },
  diversity_penalty: { neutral: [0], only: 'beams' },
  constraints: NOT_DONE,
  force_words_ids: NOT_DONE,
  dola_layers: NOT_DONE,
  // The chain.
  temperature: 'read',
  top_k: 'read',
  top_p: 'read',
  min_p: 'read',
  top_h: { neutral: [], only: 'drawing' },
  typical_p: 'read',
  epsilon_cutoff: 'read',
  eta_cutoff: 'read',
  repetition_penalty: 'read',
  encoder_repetition_penalty: { neutral: [1] }, // of a decoder, it counts the prompt as the encoder's input
  no_repeat_ngram_size: 'read',
  encoder_no_repeat_ngram_size: { neutral: [0] }, // the same
  bad_words_ids: 'read',
  sequence_bias: 'read',
  suppress_tokens: 'read',
  begin_suppress_tokens: 'read',
  forced_bos_token_id: 'read',
  forced_eos_token_id: 'read',
  exponential_decay_length_penalty: NOT_DONE,
  guidance_scale: { neutral: [1] },
  watermarking_config: NOT_DONE,
  token_healing: { neutral: [false] },
  renormalize_logits: { neutral: [false], only: 'beams' }, // what is drawn, or the largest, is the same
  remove_invalid_values: 'no-effect', // invalid ones end the generation
  // Tokens.
  bos_token_id: 'read',
  eos_token_id: 'read',
  pad_token_id: 'no-effect',
  decoder_start_token_id: 'no-effect',
  // Drafts.
  prompt_lookup_num_tokens: 'read',
  max_matching_ngram_size: 'read',
  is_assistant: { neutral: [false] },
  num_assistant_tokens: { neutral: [20] },
  num_assistant_tokens_schedule: { neutral: ['constant'] },
  assistant_confidence_threshold: { neutral: [0.4] },
  assistant_early_exit: NOT_DONE,
  assistant_lookbehind: { neutral: [10] },
  target_lookbehind: { neutral: [10] },
  // How it is computed.
  use_cache: 'no-effect',
  cache_implementation: { neutral: ['dynamic', 'hybrid'] }, // transformers 5 takes the second for the first
  cache_config: NOT_DONE,
  prefill_chunk_size: 'no-effect',
  compile_config: 'no-effect',
  disable_compile: 'no-effect',
  continuous_batching_config: 'no-effect',
  // What is told.
  output_attentions: 'no-effect',
  output_hidden_states: 'no-effect',
  output_scores: 'no-effect',
  output_logits: 'no-effect',
  return_dict_in_generate: 'no-effect',
  transformers_version: 'no-effect',
};

/** The keys that a config.json from before 2023 may hold. */
export const KNOWN_KEYS: readonly string[] = Object.keys(KEYS);

/** Those of them that stand for an option. */
export const OPTION_KEYS: readonly string[] = KNOWN_KEYS.filter(
  (key) => KEYS[key] === 'read' && key !== 'bos_token_id' && key !== 'eos_token_id',
);

/** Whether a file asks by this key for what is not done here. Keys that begin with `_` are transformers' own notes. */
export function isNotDone(key: string, value: unknown, circumstances: ReadonlySet<Circumstance>): boolean {
  if (key.startsWith('_') || value === null) return false;
  const use = Object.hasOwn(KEYS, key) ? KEYS[key] : NOT_DONE; // of one that nobody knows, nobody knows the effect
  if (typeof use !== 'object') return false;
  return !use.neutral.includes(value) && (use.only === undefined || circumstances.has(use.only));
}
