// A small chat model as one GGUF file, with the tokens and the template of chat-model.mjs; its weights are random.
import { chatModel, TEMPLATE, VOCAB_SIZE } from '../api/chat-model.mjs';
import { Random } from '../api/session-reference.mjs';
import { writeGguf } from '../formats/gguf-writer.mjs';
import { ggufMetadataOf } from '../text/gguf-from-json.mjs';

const WIDTH = 16;
const HEADS = 2;
const MLP = 32;
const CONTEXT = 1024;

/** Shapes with rows first, as llama.cpp's converter names them. */
const SHAPES = {
  'token_embd.weight': [VOCAB_SIZE, WIDTH],
  'output_norm.weight': [WIDTH],
  'blk.0.attn_norm.weight': [WIDTH],
  'blk.0.attn_q.weight': [WIDTH, WIDTH],
  'blk.0.attn_k.weight': [WIDTH, WIDTH],
  'blk.0.attn_v.weight': [WIDTH, WIDTH],
  'blk.0.attn_output.weight': [WIDTH, WIDTH],
  'blk.0.ffn_norm.weight': [WIDTH],
  'blk.0.ffn_gate.weight': [MLP, WIDTH],
  'blk.0.ffn_up.weight': [MLP, WIDTH],
  'blk.0.ffn_down.weight': [WIDTH, MLP],
};

const CONFIG = [
  ['general.architecture', 'string', 'llama'],
  ['general.name', 'string', 'A small chat'],
  ['general.license', 'string', 'apache-2.0'],
  ['llama.block_count', 'u32', 1],
  ['llama.context_length', 'u32', CONTEXT],
  ['llama.embedding_length', 'u32', WIDTH],
  ['llama.feed_forward_length', 'u32', MLP],
  ['llama.attention.head_count', 'u32', HEADS],
  ['llama.attention.head_count_kv', 'u32', HEADS],
  ['llama.attention.layer_norm_rms_epsilon', 'f32', 1e-5],
  ['llama.rope.dimension_count', 'u32', WIDTH / HEADS],
  ['llama.vocab_size', 'u32', VOCAB_SIZE],
  ['tokenizer.chat_template', 'string', TEMPLATE],
];

const typeOf = (value) => {
  if (Array.isArray(value)) return ['string'];
  if (value instanceof Int32Array) return ['i32'];
  return typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'u32' : 'string';
};

/** @returns {Uint8Array} */
export function chatGguf() {
  const random = new Random(11);
  const tokenizer = JSON.parse(new TextDecoder().decode(chatModel()['tokenizer.json']));
  const vocabulary = [...ggufMetadataOf(tokenizer, 'gpt2', 'gpt-2')];
  const end = tokenizer.added_tokens.find(({ content }) => content === '<|im_end|>').id;
  return writeGguf({
    metadata: [
      ...CONFIG,
      ...vocabulary.map(([key, value]) => [key, typeOf(value), value]),
      ['tokenizer.ggml.eos_token_id', 'u32', end],
    ],
    tensors: Object.entries(SHAPES).map(([name, shape]) => {
      const n = shape.reduce((product, size) => product * size);
      const floats = Float32Array.from({ length: n }, () => random.next() - 0.5);
      return { name, dims: shape.toReversed(), type: 0, bytes: new Uint8Array(floats.buffer) };
    }),
  });
}
