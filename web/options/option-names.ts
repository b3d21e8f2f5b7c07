const COUNTS_ANSWER = ', which counts the tokens of the answer alone';
const WEIGHT_TYPES = ": 'f32', 'q8' or 'q4'";

/** Our options, what is to be known about them beside their name, and what other libraries call them. */
const OTHER_NAMES: readonly (readonly [option: string, note: string, names: string])[] = [
  ['maxNewTokens', COUNTS_ANSWER, 'max_length max_len n_len'],
  [
    'maxNewTokens',
    '',
    'max_tokens max_output_tokens max_completion_tokens max_gen_len num_predict n_predict',
  ],
  ['minNewTokens', COUNTS_ANSWER, 'min_length'],
  ['minNewTokens', '', 'min_tokens'],
  ['temperature', ': above 0 draws tokens, 0 takes the most likely one', 'do_sample greedy'],
  ['temperature', '', 'temp'],
  ['typicalP', '', 'typical typ_p'],
  ['seed', '', 'random_seed'],
  ['repetitionPenalty', '', 'repeat_penalty penalty_repeat'],
  ['frequencyPenalty', '', 'penalty_freq'],
  ['presencePenalty', '', 'penalty_present'],
  ['stop', '', 'stop_sequences stop_sequence stop_strings stop_words stopping_strings'],
  ['stopWhen', ', or stop for texts', 'stop_tokens stop_token_ids stopping_criteria eos_token_id'],
  ['suppressTokens', ' with the ids of info.eosTokenIds', 'ignore_eos'],
  ['badWords', '', 'bad_words_ids'],
  ['logitBias', ' for single tokens', 'sequence_bias'],
  ['forcedTokens', '', 'forced_decoder_ids prefix_token_ids'],
  ['logprobs', '', 'top_logprobs n_probs output_scores'],
  ['numReturnSequences', '', 'n best_of num_samples'],
  ['numBeams', '', 'beam_size beam_width num_beam'],
  ['promptLookup', '', 'prompt_lookup_num_tokens'],
  ['maxTime', ', in milliseconds', 'timeout'],
  [
    'responseFormat',
    ": { type: 'json' }, or 'json-schema' with schema, 'regex' with pattern, 'grammar' with grammar, 'choice' with options",
    'format json_schema schema json_mode structured_outputs output_schema guided_json guided_regex guided_grammar ' +
      'guided_choice grammar gbnf json regex constraint decoding_format output_format',
  ],
  ['signal', '', 'abort_signal abort_controller'],
  ['onToken', '', 'on_text on_new_token on_chunk callback callback_function on_update'],
  ['onProgress', '', 'progress_callback init_progress_callback on_load_progress'],
  [
    'token',
    ', which goes to the hub alone',
    'hf_token access_token auth_token use_auth_token hftoken api_key',
  ],
  ['endpoint', '', 'hub_url remote_host hf_endpoint base_url'],
  ['revision', '', 'branch commit commit_hash'],
  ['subfolder', '', 'sub_folder model_file_name'],
  ['headers', '', 'request_headers http_headers request_init'],
  ['store', ': false, or a ModelStore', 'cache cache_dir use_cache_storage use_browser_cache custom_cache'],
  ['update', ': true asks the hub again', 'force_download force_reload'],
  ['retries', '', 'max_retries'],
  ['threads', '', 'n_threads num_threads thread_count'],
  ['weights', WEIGHT_TYPES, 'dtype torch_dtype quantized quantization model_dtype'],
  ['wasm', ': { url }', 'wasm_url wasm_paths wasm_path'],
  ['worker', '', 'use_worker use_web_worker proxy'],
  ['chatTemplate', '', 'chat_template template'],
  ['templateOptions', '', 'chat_template_kwargs template_kwargs chat_template_options'],
  ['tools', '', 'functions tool_definitions'],
  ['toolChoice', '', 'tool_choice function_call'],
  ['prefixCache', ', which is on unless it is 0', 'cache_prompt'],
];

const ANSWER_ALONE = "the result's text is the answer alone: put the prompt before it yourself";

/** What other libraries have an option for, and how it is done here. */
const OTHER_WAYS: readonly (readonly [way: string, names: string])[] = [
  ['a generation streams: for await (const piece of generation), or the option onToken', 'stream streamer'],
  ['messages are the first argument of chat', 'messages chat_history history'],
  [
    "that is a message: { role: 'system', content }, the first one of those that chat takes",
    'system system_prompt system_message instructions',
  ],
  ['the prompt is the first argument of generate', 'prompt input inputs input_ids text'],
  ['what is kept is loaded without a request anyway', 'local_files_only allow_remote_models offline'],
  ['the model is the first argument of LanguageModel.load', 'model model_id model_url model_path url path'],
  [ANSWER_ALONE, 'return_full_text echo'],
  ["special tokens are never in the text; the result's tokenIds have them", 'skip_special_tokens'],
  ['keys and values are always kept', 'use_cache'],
  ["the context is the model's (info.contextLength); memory is taken as a text grows", 'n_ctx context_size'],
  ['the engine chooses how many tokens of a prompt it reads at once', 'n_batch batch_size'],
  [
    'everything runs on the processor, through WebAssembly: leave it out',
    'device device_map n_gpu_layers gpu_layers execution_providers webgpu',
  ],
];

/** What is asked of `LanguageModel.load`; the other options that other libraries have names for are those of `generate`. */
const OF_LOAD = [
  'onProgress',
  'threads',
  'weights',
  'wasm',
  'worker',
  'prefixCache',
  'memoryLimit',
  'variant',
  'revision',
  'subfolder',
  'endpoint',
  'token',
  'update',
  'store',
  'headers',
  'credentials',
  'fetch',
  'retries',
];

/** What is asked of `chat`, besides the options of `generate`. */
const OF_CHAT = [
  'chatTemplate',
  'addGenerationPrompt',
  'continueFinalMessage',
  'tools',
  'toolChoice',
  'templateOptions',
];

/** Longer ones are no slip of the fingers, and would take their time to compare. */
const MOST_LETTERS = 64;

/**
 * What to do about an option that does not exist.
 *
 * @param known The options that do.
 */
export function unknownOptionAdvice(name: string, known: readonly string[]): string {
  const list = `there are ${known.join(', ')}`;
  if (name.length > MOST_LETTERS) return list;
  const letters = fold(name);
  const same = known.find((candidate) => fold(candidate) === letters);
  if (same !== undefined) return `did you mean ${same}?`;
  const hasName = (names: string) => names.split(' ').some((other) => fold(other) === letters);
  const ours = OTHER_NAMES.find(([, , names]) => hasName(names));
  if (ours !== undefined && known.includes(ours[0])) return `did you mean ${ours[0]}${ours[1]}?`;
  if (ours !== undefined) return `that is ${elsewhere(ours[0])}${ours[1]}`;
  const way = OTHER_WAYS.find(([, names]) => hasName(names));
  if (way !== undefined) return way[0];
  if (OF_LOAD.includes(name) || OF_CHAT.includes(name)) return `that is ${elsewhere(name)}`;
  const nearest = nearestName(letters, known);
  return nearest === null ? list : `did you mean ${nearest}?`;
}

function elsewhere(option: string): string {
  const others = OF_CHAT.includes(option) ? 'chat' : 'generate';
  return `the option ${option} of ${OF_LOAD.includes(option) ? 'LanguageModel.load' : others}`;
}

/** max_new_tokens and MaxNewTokens are the same name to whoever types them. */
function fold(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}

/** The known name that a wrong one most likely stands for, or null when none is near. */
function nearestName(letters: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = Math.floor(letters.length / 2); // half of the letters wrong is another word
  for (const name of known) {
    const distance = editDistance(letters, fold(name));
    if (distance > least || (distance === least && nearest !== null)) continue;
    [nearest, least] = [name, distance];
  }
  return nearest;
}

/** The least number of letters to insert, delete or replace (Levenshtein, 1966). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      row.push(Math.min(replaced, (previous[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    previous = row;
  }
  return previous[b.length] as number;
}
