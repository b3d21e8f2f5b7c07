// What sotto uses of @huggingface/tokenizers, whose ES module the build puts here as tokenizers.js: steps of normalising,
// splitting and decoding. Each `config` is a part of a tokenizer.json, of which nothing is checked there.

export class SequenceNormalizer {
  constructor(config: { normalizers: object[] });
  normalizers: ({ normalize(text: string): string } | null)[];
}

export class SequencePreTokenizer {
  constructor(config: { pretokenizers: object[] });
  tokenizers: ({ pre_tokenize_text(text: string, options: { section_index: number }): string[] } | null)[];
}

export class SplitPreTokenizer {
  /** @throws SyntaxError for a pattern that cannot be put into JavaScript's way of writing. */
  constructor(config: { pattern: { Regex: string } });
  /** With the flags g and u. */
  pattern: RegExp;
}

export class SequenceDecoder {
  constructor(config: { decoders: object[] });
  decoders: ({ decode_chain(tokens: string[]): string[] } | null)[];
}
