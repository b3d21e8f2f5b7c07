/** GPT-2's alphabet: the character for each byte, printable ones themselves, the others from U+0100 on. */
export const BYTE_CHARACTERS = (() => {
  const characters = [];
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    characters.push(String.fromCodePoint(isPrintable ? byte : next++));
  }
  return characters;
})();

/** A byte-level tokenizer.json: id = byte, then the merged tokens, then <|end|> and <pad> (both special) and a word. */
export function byteLevelJson(merges = []) {
  const tokens = [...BYTE_CHARACTERS, ...merges.map((pair) => pair.join(''))];
  const added = [
    { content: '<|end|>', special: true },
    { content: '<pad>', special: true },
    { content: 'é  ñ', special: false },
  ];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  return {
    version: '1.0',
    added_tokens: added.map((token, i) => ({ id: tokens.length + i, normalized: false, ...token })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    post_processor: { type: 'ByteLevel', trim_offsets: false },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', unk_token: null, vocab, merges },
  };
}

/**
 * A tokenizer.json in the way of Llama's: words begin with ▁, what is not in the vocabulary is single bytes.
 * <unk> 0, <s> 1 (special), </s> 2, bytes from 3 on, ▁ 259, a 260, b 261, ▁a 262, ▁b 263, ab 264.
 */
export function byteFallbackJson() {
  const hex = (byte) => byte.toString(16).toUpperCase().padStart(2, '0');
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${hex(byte)}>`);
  const tokens = ['<unk>', '<s>', '</s>', ...bytes, '▁', 'a', 'b', '▁a', '▁b', 'ab'];
  const spaceFor = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };
  return {
    version: '1.0',
    added_tokens: [{ id: 1, content: '<s>', special: true, normalized: false }],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        spaceFor,
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [
        ['▁', 'a'],
        ['▁', 'b'],
        ['a', 'b'],
      ],
    },
  };
}

/** A tokenizer.json in the way of BERT's: [UNK] 1, the 4, some letters, each also within words. */
export function wordPieceJson() {
  const letters = Object.fromEntries(
    [..."abcdehlortw,!'-123é日"].flatMap((c) => [c, `##${c}`]).map((c, i) => [c, i + 5]),
  );
  return {
    added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map((content, id) => ({ content, id, special: true })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]' } },
        { Sequence: { id: 'A' } },
        { SpecialToken: { id: '[SEP]' } },
      ],
      pair: [],
      special_tokens: { '[CLS]': { ids: [2] }, '[SEP]': { ids: [3] } },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      vocab: { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3, the: 4, ...letters, '##ld': 90, '##llo': 91 },
    },
  };
}

/** A tokenizer.json in the way of T5's. */
export function unigramJson() {
  return {
    added_tokens: [{ id: 0, content: '</s>', special: true }],
    normalizer: { type: 'Precompiled' },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
    post_processor: null,
    decoder: { type: 'Metaspace', replacement: '▁' },
    model: {
      type: 'Unigram',
      unk_id: 1,
      vocab: [
        '</s>',
        '<unk>',
        '▁',
        'a',
        'b',
        'é',
        '1',
        '▁the',
        'don',
        "'",
        't',
        '▁w',
        'or',
        'ld',
        '▁world',
        'l',
        'o',
        'e',
        'h',
      ].map((token, i) => [token, -(1 + i * 0.37)]),
    },
  };
}

/** A small generator of integers with a fixed seed (Numerical Recipes' constants). */
export function makeRandom(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
