// Folders of small models, each with all files that a model may have, for the fuzz test to change.

import { CONFIG_KEYS } from '../../build/web/architectures/config-keys.js';
import { KNOWN_KEYS } from '../../build/web/loading/generation-keys.js';
import { byteFallbackJson, byteLevelJson, unigramJson, wordPieceJson } from '../text/tiny-tokenizers.mjs';
import { fileOfTensors, randomModel, tensorsOf } from './make-weights.mjs';
import { filesOf, fixturePath, jsonBytes } from './support.mjs';

const FAMILIES =
  'cohere2-pattern ernie4_5-tied exaone4-window gemma2-softcaps gemma3-nested gemma3_text-older gpt2-by-layer gpt_neo-tied ' +
  'gpt_neox-parallel granite-biases granitemoehybrid-rope hunyuan_v1_dense-alpha lfm2-tied llama-llama3 llama-vocab-3 llama-yarn ' +
  'ministral3-yarn-window mistral-window nanochat-grouped olmo3-layer-types phi-qk-norm phi3-longrope-long qwen3-window ' +
  'smollm3-no-rope-list stablelm-serial';

const INDEX = 'model.safetensors.index.json';

/** What a generation_config.json may ask for. */
const WISHES = [
  { do_sample: true, temperature: 0.8, top_k: 5, top_p: 0.9, min_p: 0.01, typical_p: 0.9, repetition_penalty: 1.1 },
  { num_beams: 3, length_penalty: 0.5, early_stopping: true, num_return_sequences: 2, max_length: 20, min_length: 3 },
  { penalty_alpha: 0.6, top_k: 4, max_new_tokens: 6, min_new_tokens: 1, bad_words_ids: [[1], [2, 3]], sequence_bias: [[[1], -5]] },
  { suppress_tokens: [1, 2], begin_suppress_tokens: [0], forced_bos_token_id: 3, forced_eos_token_id: [4, 5], max_time: 2 },
  { prompt_lookup_num_tokens: 4, max_matching_ngram_size: 2, stop_strings: ['b'], no_repeat_ngram_size: 3, eos_token_id: [5] },
  {},
]; // biome-ignore format: a list to be read as one

const TOKENIZER_CONFIG = {
  add_bos_token: true,
  add_eos_token: false,
  bos_token: null,
  eos_token: null,
  unk_token: null,
  tokenizer_class: 'PreTrainedTokenizerFast',
  clean_up_tokenization_spaces: true,
  model_max_length: 1e30,
  chat_template: "{{ bos_token }}{% for message in messages %}{{ message['content'] }}{% endfor %}",
  added_tokens_decoder: { 0: { content: '</s>', special: true, lstrip: true, rstrip: true } },
};

/** Folders as `{ name, files, json }`: bytes by name, and the content of those that hold JSON. */
export function makeFolders(random) {
  const tokenizers = { byteLevelJson, byteFallbackJson, wordPieceJson, unigramJson };
  const withText = Object.entries(tokenizers).map(([name, make], i) => {
    const json = make([['h', 'e']]);
    const [first] = json.added_tokens;
    const config = { n_positions: 40, n_embd: 8, n_head: 2, n_layer: 1 + (i % 2), vocab_size: 280 };
    const files = randomModel(config, random);
    return folder(name, i === 0 ? sharded(files) : files, {
      'tokenizer.json': json,
      'tokenizer_config.json': { ...TOKENIZER_CONFIG, bos_token: { content: first.content, special: true } },
      'generation_config.json': WISHES[i],
    });
  });
  const families = FAMILIES.split(' ').map((name, i) => {
    const files = filesOf(fixturePath(`families/${name}`));
    delete files['reference.json'];
    const wishes = name === 'llama-vocab-3' ? {} : WISHES[i % WISHES.length];
    const isOlder = i % 4 === 3; // what config.json says stands in
    return folder(name, i % 5 === 0 ? sharded(files) : files, {
      'generation_config.json': isOlder ? null : { ...wishes, bos_token_id: 1 },
      ...(isOlder && { 'config.json': { ...readJson(files, 'config.json'), ...wishes } }),
    });
  });
  return [...withText, ...families];
}

function folder(name, files, replacements) {
  const all = { ...files };
  for (const [file, content] of Object.entries(replacements)) {
    if (content === null) delete all[file];
    else all[file] = jsonBytes(content);
  }
  const names = Object.keys(all).filter((file) => file.endsWith('.json'));
  return { name, files: all, json: Object.fromEntries(names.map((file) => [file, readJson(all, file)])) };
}

function readJson(files, name) {
  return JSON.parse(new TextDecoder().decode(files[name]));
}

/** The same model in two files and an index. */
function sharded({ 'model.safetensors': whole, ...files }) {
  const tensors = Object.entries(tensorsOf(whole));
  const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const halves = [tensors.filter((_, i) => i % 2 === 0), tensors.filter((_, i) => i % 2 === 1)];
  const weight_map = {};
  for (const [i, half] of halves.entries()) {
    for (const [tensor] of half) weight_map[tensor] = names[i];
    files[names[i]] = fileOfTensors(Object.fromEntries(half));
  }
  files[INDEX] = jsonBytes({ metadata: { total_size: 1000 }, weight_map });
  return files;
}

/** What each file may hold: keys that are read, and values that mean something. */
export const VOCABULARY = {
  'config.json': {
    keys: [...Object.keys(CONFIG_KEYS), ...Object.values(CONFIG_KEYS).flat(), ...KNOWN_KEYS, 'decoder', 'generator'],
    values: [
      'full_attention', 'sliding_attention', 'chunked_attention', 'linear_attention', 'conv', 'mamba', 'yarn', 'llama3', 'longrope', 'linear',
      'dynamic', 'default', 'su', 'silu', 'gelu', 'gelu_new', 'gelu_pytorch_tanh', 'relu', 'quick_gelu', 'nope', 'rope', 'gpt2', 'llama', 'qwen3',
      'gemma3', 'gemma3_text', 'mistral3', 'lfm2', 'phi3', ['full_attention', 'sliding_attention'], ['conv', 'full_attention'], [0, 1],
      { rope_type: 'yarn', factor: 4, rope_theta: 1e4 }, { type: 'linear', factor: 2 }, { rope_type: 'llama3', factor: 8 },
      { rope_type: 'longrope', short_factor: [1, 1], long_factor: [2, 2] }, { full_attention: { rope_type: 'default', rope_theta: 1e6 } },
      { model_type: 'llama', vocab_size: 5 }, { load_in_4bit: true }, 97, 4, 8, 96,
    ],
  },
  'generation_config.json': {
    keys: [...KNOWN_KEYS, '_from_model_config'],
    values: [true, 2, 4, 1024, 0.5, 'never', [[1, 2]], [[[1], 1e38]], [[[1], -1e38]], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], ['a'], 'ab'],
  },
  'tokenizer.json': {
    keys: ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder', 'model', 'added_tokens', 'truncation', 'padding', 'version'],
    values: [
      { type: 'ByteLevel' }, { type: 'Metaspace' }, { type: 'Sequence' }, { type: 'Split', pattern: { Regex: '(a|a)*$' }, behavior: 'Isolated' },
      { id: 3, content: 'he', special: true }, { id: 279, content: ' ', special: false }, { id: 1e6, content: 'zz' }, { type: 'Unigram', vocab: [] },
      { type: 'Replace', pattern: { String: '' }, content: 'x' }, { max_length: 2 }, 'BPE', 'WordPiece', 'Unigram', 'WordLevel',
    ],
  },
  'tokenizer_config.json': {
    keys: [...Object.keys(TOKENIZER_CONFIG), 'add_prefix_space', 'legacy', 'sp_model_kwargs', 'extra_special_tokens', 'pad_token'],
    values: ['<s>', { content: 'a' }, { __type: 'AddedToken', content: 'a', special: true }, 'LlamaTokenizer', [{ name: 'default', template: '{{' }]],
  },
  [INDEX]: {
    keys: ['weight_map', 'metadata'],
    values: ['model-00001-of-00002.safetensors', 'model-00003-of-00002.safetensors', 'model.safetensors', 'pytorch_model.bin', 'x.json'],
  },
}; // biome-ignore format: lists to be read as one

/** What the header of weights may hold. */
export const HEADER = {
  keys: ['__metadata__', 'dtype', 'shape', 'data_offsets', 'model.norm.weight', 'x.inv_freq', 'lm_head.weight'],
  values: ['F32', 'BF16', 'F64', 'U8', 'I64', 'F8_E4M3', [0, 4], [0, 0], [1], [0], { dtype: 'F32', shape: [0], data_offsets: [0, 0] }],
}; // biome-ignore format: lists to be read as one
