import type { JsonObject } from '../../base/json.js';
import type { BuiltClass } from './tokenizer-class.js';

/** What a class writes into tokenizer.json's places, and which special tokens it has where the files name none. */
export interface ClassParts {
  /** Beside vocabulary and merges. */
  model: JsonObject;
  normalizer: JsonObject | null;
  preTokenizer: JsonObject;
  decoder: JsonObject;
  specialTokens: Readonly<Record<string, string>>;
  /** Whether its special tokens are plain ones, whatever the files say of white space around them. */
  resetsSpecialTokens: boolean;
}

const BYTE_LEVEL_BPE = {
  type: 'BPE',
  continuing_subword_prefix: '',
  end_of_word_suffix: '',
  fuse_unk: false,
};
const BYTES = { type: 'ByteLevel' };
const END_OF_TEXT = '<|endoftext|>';
const NFC = { type: 'NFC' };

const QWEN2 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const QWEN3_5 = QWEN2.replace('\\p{L}+', '[\\p{L}\\p{M}]+').replace(
  '[^\\s\\p{L}\\p{N}]',
  '[^\\s\\p{L}\\p{M}\\p{N}]',
);

/** SentencePiece's way: spaces are ▁, characters without a token are their bytes. */
const WITH_SPACE_SIGNS = { type: 'BPE', fuse_unk: true, byte_fallback: true };
const SPACES_OF_SIGNS = [
  { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
  { type: 'ByteFallback' },
  { type: 'Fuse' },
];

/**
 * The parts of a class, as its constructor in transformers 5.12 makes them.
 *
 * @param config tokenizer_config.json: its flags take part.
 */
export function classParts(name: BuiltClass, config: JsonObject): ClassParts {
  const addsSpace = config.add_prefix_space === true;
  const byteLevel = { type: 'ByteLevel', add_prefix_space: addsSpace, use_regex: true };
  const gpt2 = {
    model: BYTE_LEVEL_BPE,
    normalizer: null,
    preTokenizer: byteLevel,
    decoder: BYTES,
    specialTokens: { unk_token: END_OF_TEXT, bos_token: END_OF_TEXT, eos_token: END_OF_TEXT },
    resetsSpecialTokens: false,
  };
  switch (name) {
    case 'GPT2Tokenizer':
    case 'CodeGenTokenizer':
      return gpt2;
    case 'GPTNeoXTokenizer':
      return { ...gpt2, normalizer: NFC, specialTokens: { ...gpt2.specialTokens, pad_token: '<|padding|>' } };
    case 'CohereTokenizer':
      return {
        ...gpt2,
        normalizer: NFC,
        preTokenizer: sequence({ type: 'Digits', individual_digits: true }, byteLevel),
        specialTokens: {
          unk_token: '<UNK>',
          bos_token: '<BOS_TOKEN>',
          eos_token: '<|END_OF_TURN_TOKEN|>',
          pad_token: '<PAD>',
          cls_token: '<CLS>',
          sep_token: '<SEP>',
          mask_token: '<MASK_TOKEN>',
        },
      };
    case 'Qwen2Tokenizer':
    case 'Qwen3_5Tokenizer': {
      const Regex = name === 'Qwen2Tokenizer' ? QWEN2 : QWEN3_5;
      const split = { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false };
      return {
        ...gpt2,
        normalizer: NFC,
        preTokenizer: sequence(split, { ...byteLevel, use_regex: false }),
        specialTokens: { unk_token: END_OF_TEXT, eos_token: END_OF_TEXT, pad_token: END_OF_TEXT },
        resetsSpecialTokens: name === 'Qwen2Tokenizer',
      };
    }
    case 'LlamaTokenizer':
      return llamaParts(config);
    case 'GemmaTokenizer':
      return {
        model: { ...WITH_SPACE_SIGNS, unk_token: textOf(config.unk_token) ?? '<unk>' },
        normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
        preTokenizer: {
          type: 'Split',
          pattern: { String: ' ' },
          behavior: 'MergedWithPrevious',
          invert: false,
        },
        decoder: { type: 'Sequence', decoders: SPACES_OF_SIGNS },
        specialTokens: {
          unk_token: '<unk>',
          bos_token: '<bos>',
          eos_token: '<eos>',
          pad_token: '<pad>',
          mask_token: '<mask>',
        },
        resetsSpecialTokens: false,
      };
  }
}

function llamaParts(config: JsonObject): ClassParts {
  const addsSpace = config.add_prefix_space !== false;
  const scheme = config.legacy === true ? 'always' : 'first';
  const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
  return {
    model: WITH_SPACE_SIGNS,
    normalizer: null,
    preTokenizer: {
      type: 'Metaspace',
      replacement: '▁',
      prepend_scheme: addsSpace ? scheme : 'never',
      split: false,
    },
    decoder: { type: 'Sequence', decoders: addsSpace ? [...SPACES_OF_SIGNS, strip] : SPACES_OF_SIGNS },
    specialTokens: { unk_token: '<unk>', bos_token: '<s>', eos_token: '</s>' },
    resetsSpecialTokens: false,
  };
}

function sequence(...pretokenizers: JsonObject[]): JsonObject {
  return { type: 'Sequence', pretokenizers };
}

/** A token as tokenizer_config.json names it: its text, or an object that holds it. */
export function textOf(token: unknown): string | undefined {
  const content = typeof token === 'object' && token !== null ? (token as JsonObject).content : token;
  return typeof content === 'string' ? content : undefined;
}
