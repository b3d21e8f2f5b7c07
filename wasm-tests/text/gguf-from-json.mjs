// What llama.cpp's converter writes into a GGUF file for a tokenizer.json with byte-pair encoding.

const [NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE] = [1, 2, 3, 4, 5, 6];

/** @param {string} kind Of `tokenizer.ggml.model`; @param {string} pre Of `tokenizer.ggml.pre`. */
export function ggufMetadataOf({ model, added_tokens: added }, kind, pre) {
  const tokens = [];
  const types = [];
  for (const [token, id] of Object.entries(model.vocab)) {
    tokens[id] = token;
    types[id] = kind === 'gemma4' && /^<0x[0-9A-F]{2}>$/.test(token) ? BYTE : NORMAL;
  }
  for (const { id, content, special } of added) {
    tokens[id] = content;
    types[id] = special ? CONTROL : USER_DEFINED;
  }
  for (let id = 0; id < tokens.length; id++) {
    if (tokens[id] !== undefined) continue;
    tokens[id] = `[PAD${id}]`;
    types[id] = UNUSED;
  }
  const metadata = new Map([
    ['tokenizer.ggml.model', kind],
    ['tokenizer.ggml.pre', pre],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', Int32Array.from(types)],
    ['tokenizer.ggml.merges', model.merges.map((merge) => (Array.isArray(merge) ? merge.join(' ') : merge))],
    ['tokenizer.ggml.add_bos_token', false],
  ]);
  if (model.unk_token != null) {
    const id = tokens.indexOf(model.unk_token);
    types[id] = UNKNOWN;
    metadata.set('tokenizer.ggml.unknown_token_id', id);
  }
  return metadata;
}
