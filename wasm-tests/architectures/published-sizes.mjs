/** What every config.json of a decoder has, and what transformers calls it. */
export function sizes(hidden, inner, nLayers, heads, kvHeads, vocab, context) {
  return {
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: nLayers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    vocab_size: vocab,
    max_position_embeddings: context,
  };
}
