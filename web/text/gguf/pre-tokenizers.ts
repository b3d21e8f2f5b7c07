import * as patterns from './patterns.js';

/** How a byte-level vocabulary of a GGUF file is used, as the name in `tokenizer.ggml.pre` tells. */
export interface GgufPreTokenizer {
  /** Each splits what those before it have left in one piece, into what it finds and what is between. */
  readonly patterns: readonly string[];
  /** Whether a word that is a token is taken as it is. */
  readonly ignoresMerges?: true;
  /** Whether the begin token is put before a text where the file does not say, or whatever it says. */
  readonly addsBos?: true | 'always';
  /** Whether tokens are text with U+2581 for spaces, not GPT-2's letters for bytes. */
  readonly isRaw?: true;
  /**
   * Whether the token for a gap (`<mask>`) takes the white space before it, as in RoBERTa's vocabularies: files do not say it of
   * the token. In others it does not.
   */
  readonly stripsBeforeGap?: true;
}

const {
  GPT_2,
  DIGIT,
  DIGITS,
  DIGITS_3,
  ASCII_DIGITS_3,
  LINE_END,
  CJK,
  CJK_AND_KANA,
  LLAMA_3,
  QWEN_2,
  O200K,
  BLOOM,
  BAILING_MOE,
  DEEPSEEK_V3_WORDS,
} = patterns;

const LLAMA_3_KIND = { patterns: [LLAMA_3], ignoresMerges: true, addsBos: true } as const;
const DEEPSEEK_V3_KIND = { patterns: [DIGITS_3, CJK_AND_KANA, DEEPSEEK_V3_WORDS] };
const LINES = String.raw`\n+`;
/** Files say of Gemma 4 that no begin token is put, by a fault of converters; llama.cpp puts it all the same. */
const GEMMA_4_KIND = { patterns: [LINES], isRaw: true, addsBos: 'always' } as const;

const KINDS: readonly (readonly [names: string, kind: GgufPreTokenizer])[] = [
  ['default', { patterns: [patterns.DEFAULT_SIGNS, GPT_2, DIGITS, ASCII_DIGITS_3] }],
  [
    'gpt-2 phi-2 jina-es jina-de gigachat a.x-4.0 mellum jina-v1-en mpt olmo jais trillion granite-docling exaone4',
    { patterns: [GPT_2] },
  ],
  [
    'roberta-bpe modern-bert jina-v2-es jina-v2-de jina-v2-code',
    { patterns: [GPT_2], stripsBeforeGap: true },
  ],
  ['starcoder refact command-r smollm codeshell exaone minerva-7b mellum2', { patterns: [DIGIT, GPT_2] }],
  ['llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano', LLAMA_3_KIND],
  ['dbrx smaug-bpe glm4 glm5 chatglm-bpe', { patterns: [LLAMA_3] }],
  ['qwen2 deepseek-r1-qwen kormo f2llmv2 megrez stablelm2 hunyuan solar-open grok-2', { patterns: [QWEN_2] }],
  ['laguna', { patterns: [LINES, QWEN_2] }],
  ['qwen35', { patterns: [patterns.QWEN_3_5] }],
  ['gpt-4o llama4 kanana2 talkie minimax-m2', { patterns: [O200K] }],
  ['granite-embed-multi-97m', { patterns: [O200K], ignoresMerges: true }],
  ['tekken', { patterns: [patterns.TEKKEN], ignoresMerges: true, addsBos: true }],
  ['tiny_aya cohere2moe', { patterns: [patterns.GROUPED_DIGITS_OF_WORD, O200K] }],
  ['kimi-k2', { patterns: [patterns.KIMI_K2] }],
  ['deepseek-v3 hunyuan-dense joyai-llm', DEEPSEEK_V3_KIND],
  [
    'deepseek-llm',
    {
      patterns: [
        LINE_END,
        patterns.DEEPSEEK_LLM_LETTERS,
        patterns.DEEPSEEK_LLM_SIGNS,
        patterns.SPACES_AT_END,
        CJK,
        DIGITS,
      ],
    },
  ],
  [
    'deepseek-coder',
    { patterns: [LINE_END, patterns.DEEPSEEK_LETTERS, patterns.DEEPSEEK_SIGNS, CJK, DIGIT] },
  ],
  ['falcon', { patterns: [patterns.FALCON_SIGNS, GPT_2, ASCII_DIGITS_3] }],
  ['poro-chat bloom gpt3-finnish', { patterns: [BLOOM] }],
  ['viking', { patterns: [BLOOM, DIGIT] }],
  ['superbpe', { patterns: [DIGITS, patterns.GROUPED_DIGITS] }],
  ['bailingmoe bailingmoe2 llada-moe', { patterns: [BAILING_MOE] }],
  ['seed-coder', { patterns: [patterns.SEED_CODER] }],
  ['afmoe', { patterns: [patterns.GROUPED_NUMBERS, patterns.ASIAN_SCRIPTS, DEEPSEEK_V3_WORDS] }],
  ['exaone-moe', { patterns: [patterns.EXAONE_MOE] }],
  ['youtu', { patterns: [patterns.YOUTU_CJK, patterns.YOUTU_WORDS], ignoresMerges: true }],
  ['ufakzeka', { patterns: [patterns.UFAKZEKA] }],
  ['k2-horizon', { patterns: [patterns.K2_HORIZON] }],
  ['jais-2', { patterns: [patterns.JAIS_2] }],
  ['minicpm5', { patterns: [DIGITS_3, patterns.MINICPM_5], ignoresMerges: true }],
  [
    'chameleon',
    {
      patterns: [
        patterns.SENTINEL,
        patterns.CHAMELEON_IMAGE,
        patterns.CHAMELEON_SPACES,
        DIGIT,
        patterns.ASCII_SIGN,
        GPT_2,
      ],
      addsBos: true,
    },
  ],
  ['gemma4 granite-embed-multi-311m', GEMMA_4_KIND],
  ['sarvam-moe', { patterns: [LINES], isRaw: true }],
];

/** By the names that llama.cpp's converter writes. */
export const GGUF_PRE_TOKENIZERS: ReadonlyMap<string, GgufPreTokenizer> = new Map(
  KINDS.flatMap(([names, kind]) => names.split(' ').map((name) => [name, kind] as const)),
);
