#include "model/taps.h"

#include <algorithm>

#include "kernels/attention_weights_f32.h"

namespace sotto {

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
                   const KvCache& sequence, const float* qkv) {
  if (tap.attention == nullptr) return;
  const size_t n_heads = config.n_heads;
  const size_t head_dim = config.head_dim;
  const size_t heads_per_kv_head = n_heads / config.n_kv_heads;
  const AttentionShape shape = {.n_heads = n_heads,
                                .n_kv_heads = static_cast<size_t>(config.n_kv_heads),
                                .head_dim = head_dim,
                                .scale = config.attention_scale};
  const size_t first_position = tap.n_positions - tap.n_rows;
  float* const keys = tap.scratch;
  float* const values = keys + tap.n_positions * head_dim;
  float* out = tap.attention + layer * n_heads * tap.n_rows * tap.n_positions;
  for (size_t head = 0; head < n_heads; ++head) {
    sequence.read(layer, head / heads_per_kv_head, tap.n_positions, keys, values);
    for (size_t row = 0; row < tap.n_rows; ++row, out += tap.n_positions) {
      const float* const q = qkv + (tap.row_begin + row) * config.qkv_rows() + head * head_dim;
      const size_t n_visible = first_position + row + 1;
      attention_weights_f32(shape, 0, q, keys, n_visible, out);
      std::fill(out + n_visible, out + tap.n_positions, 0.0F);
    }
  }
}

}  // namespace sotto
