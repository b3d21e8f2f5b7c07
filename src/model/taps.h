// What is kept of a forward pass for those who want to look inside it.
#pragma once

#include <cstddef>
#include <span>

#include "model/decoder_config.h"
#include "model/sequence_state.h"

namespace sotto {

// Of the rows [row_begin, row_begin + n_rows) of a batch, which are of one sequence and end at
// position n_positions - 1. nullptr: not wanted.
struct Tap {
  size_t row_begin;
  size_t n_rows;
  size_t n_positions;
  float* hidden;     // [n_layers + 1, n_rows, hidden]
  float* attention;  // [heads_before(config, n_layers), n_rows, n_positions]
  float* scratch;    // [2, n_positions, the largest head_dim], for attention
};

// The heads of all layers before this one; layers without attention have none.
size_t heads_before(const DecoderConfig& config, size_t layer);

// States are numbered as Hugging Face numbers hidden_states: 0 is what enters the first layer, i
// what leaves layer i - 1, but the last one has the final norm behind it. Of several streams, it is
// the active one. hidden: [batch, hidden].
void tap_hidden(const DecoderConfig& config, std::span<const Tap> taps, size_t state,
                const float* hidden);

// The softmax weights of an attention layer, whose keys are in the sequence, head after head. They
// are 0 where a row does not see: behind its own position and before its window. qkv: [batch,
// qkv_rows], queries as they meet the keys.
void tap_attention(const DecoderConfig& config, const Tap& tap, size_t layer,
                   const SequenceState& sequence, const float* qkv);

}  // namespace sotto
