#include "model/taps.h"

#include <algorithm>

#include "kernels/attention_weights_f32.h"

namespace sotto {

size_t heads_before(const DecoderConfig& config, size_t layer) {
  size_t n_heads = 0;
  for (size_t i = 0; i < layer; ++i) {
    const Attention* const attention = config.attention_of(i);
    if (attention != nullptr) n_heads += attention->n_heads;
  }
  return n_heads;
}

void tap_hidden(const DecoderConfig& config, std::span<const Tap> taps, size_t state,
                const float* hidden) {
  const size_t width = config.hidden_size;
  for (const Tap& tap : taps) {
    if (tap.hidden == nullptr) continue;
    std::copy_n(hidden + tap.row_begin * width, tap.n_rows * width,
                tap.hidden + state * tap.n_rows * width);
  }
}

void tap_attention(const DecoderConfig& config, const Tap& tap, size_t layer,
                   const SequenceState& sequence, const float* qkv) {
  if (tap.attention == nullptr) return;
  const Attention& attention = *config.attention_of(layer);
  const KvGroup& group = sequence.group_of(layer);
  const size_t layer_in_group = sequence.layout().index_in_group(layer);
  const size_t head_dim = attention.head_dim;
  const size_t heads_per_kv_head = attention.n_heads / attention.n_kv_heads;
  const size_t first_position = tap.n_positions - tap.n_rows;
  const size_t first_key = group.layout().first_visible(first_position);
  const AttentionShape shape = attention.kernel_shape();
  float* const keys = tap.scratch;
  float* const values = keys + tap.n_positions * head_dim;
  float* out = tap.attention + heads_before(config, layer) * tap.n_rows * tap.n_positions;
  for (size_t head = 0; head < static_cast<size_t>(attention.n_heads); ++head) {
    group.read(layer_in_group, head / heads_per_kv_head, first_key, tap.n_positions, keys, values);
    for (size_t row = 0; row < tap.n_rows; ++row, out += tap.n_positions) {
      const float* const q = qkv + (tap.row_begin + row) * attention.qkv_rows() + head * head_dim;
      const size_t begin = group.layout().first_visible(first_position + row);
      const size_t end = first_position + row + 1;
      std::fill(out, out + begin, 0.0F);
      // Only what the row sees, so that no window is left.
      attention_weights_f32(shape, /*window=*/0, q, keys + (begin - first_key) * head_dim,
                            end - begin, out + begin);
      std::fill(out + end, out + tap.n_positions, 0.0F);
    }
  }
}

}  // namespace sotto
