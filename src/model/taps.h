// What is kept of a forward pass for those who want to look inside it.
#pragma once

#include <cstddef>
#include <span>

#include "model/decoder_config.h"
#include "model/kv_cache.h"

namespace sotto {

// Of the rows [row_begin, row_begin + n_rows) of a batch, which are of one sequence and end at
// position n_positions - 1. nullptr: not wanted.
struct Tap {
  size_t row_begin;
  size_t n_rows;
  size_t n_positions;
  float* hidden;     // [n_layers + 1, n_rows, hidden]
  float* attention;  // [n_layers, n_heads, n_rows, n_positions]
  float* scratch;    // [2, n_positions, head_dim], for attention
};

// States are numbered as Hugging Face numbers hidden_states: 0 is what enters the first layer, i
// what leaves layer i - 1, but the last one has the final norm behind it. hidden: [batch, hidden].
void tap_hidden(const DecoderConfig& config, std::span<const Tap> taps, size_t state,
                const float* hidden);

// The softmax weights of a layer, whose keys are in the cache. A row sees nothing behind its own
// position. qkv: [batch, qkv_rows].
void tap_attention(const DecoderConfig& config, const Tap& tap, size_t layer,
                   const KvCache& sequence, const float* qkv);

}  // namespace sotto
