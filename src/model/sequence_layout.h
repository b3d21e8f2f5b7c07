// What a sequence of a model holds, known before anything of it is allocated.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/attention.h"
#include "model/decoder_config.h"

namespace sotto {

enum class KvType {
  kF32,
  kInt8,  // with an f32 scale for each position and head: a quarter of the memory to read
};

// A sequence can always be rewound by so many positions without reading all of it again, as far as
// windows are concerned: the rows of one pass, which drafts may have filled.
constexpr size_t kRewindMargin = 128;

// What the checkpoints of one sequence may take, in bytes, or else as much as so many recurrent
// states; docs/decisions/0010-sequence-state.md.
constexpr size_t kCheckpointBudget = size_t{32} << 20;
constexpr size_t kCheckpointStates = 4;
constexpr size_t kCheckpointDistance = 256;  // positions between two, at least

// Tokens that are chosen one by one run over their state, but for one in so many.
constexpr size_t kInPlacePasses = 16;

constexpr size_t pages_for(size_t n_positions) {
  return (n_positions + kPagePositions - 1) / kPagePositions;
}

// Layers whose keys and values have one shape and are seen through one window. A page holds
// kPagePositions positions of all of them: layer after layer, key-value head after head, each in
// the form of the type's attention kernel. Sizes are in bytes.
struct KvGroupLayout {
  KvType type;
  size_t n_layers;
  size_t n_kv_heads;
  size_t head_dim;
  size_t window;  // positions that a token sees, its own included; 0: all
  size_t head_bytes;

  size_t kv_rows() const { return n_kv_heads * head_dim; }
  size_t layer_bytes() const { return n_kv_heads * head_bytes; }
  size_t page_bytes() const { return n_layers * layer_bytes(); }

  // The first position that the one behind `length` positions sees.
  size_t first_visible(size_t length) const {
    return window == 0 || length < window ? 0 : length - window + 1;
  }
};

// Of all heads' states, as in state_block.h, head after head.
size_t heads_state_floats(const GatedDelta& delta);
size_t heads_state_floats(const StateSpace& space);

class SequenceLayout {
 public:
  SequenceLayout(const DecoderConfig& config, KvType type);

  KvType type() const { return type_; }
  size_t n_layers() const { return layers_.size(); }
  const std::vector<KvGroupLayout>& groups() const { return groups_; }

  // The group of the keys and values of a layer that has some, and which of its layers that is.
  size_t group_of(size_t layer) const { return layers_[layer].group; }
  size_t index_in_group(size_t layer) const { return layers_[layer].index_in_group; }

  // Recurrent layers have a state of so many floats, all in one buffer. A short convolution's is
  // [n_taps - 1, hidden]: what the taps see before the next position, the oldest first. That of a
  // gated delta rule or a state space is its heads' states, and then the same for its convolution.
  size_t state_floats(size_t layer) const { return layers_[layer].state_floats; }
  size_t state_offset(size_t layer) const { return layers_[layer].state_offset; }  // in floats
  size_t recurrent_bytes() const { return recurrent_bytes_; }

  size_t checkpoint_budget() const {
    return std::max(kCheckpointBudget, kCheckpointStates * recurrent_bytes_);
  }

  // Whether a sequence can be cut anywhere: without windows and recurrent state.
  bool is_cut_anywhere() const { return is_cut_anywhere_; }

  // Whether a sequence of so many positions uses the second set of rotary factors (LongScaling).
  bool needs_long_factors(size_t length) const { return length > original_context_length_; }

  // What a sequence of so many positions takes at most, in bytes, checkpoints included.
  uint64_t bytes(size_t n_positions) const;
  // What its lists take besides: tokens, pages, and the pages of checkpoints.
  size_t list_bytes(size_t n_positions) const;

 private:
  static constexpr size_t kNoGroup = ~size_t{0};

  struct Layer {
    size_t group = kNoGroup;
    size_t index_in_group = 0;
    size_t state_floats = 0;
    size_t state_offset = 0;
  };

  void add_mixer(const Attention& attention, const DecoderConfig& config, Layer* layer);
  void add_mixer(const ShortConvolution& convolution, const DecoderConfig& config, Layer* layer);
  void add_mixer(const GatedDelta& delta, const DecoderConfig& config, Layer* layer);
  void add_mixer(const StateSpace& space, const DecoderConfig& config, Layer* layer);
  void add_keys(const Attention& attention, size_t window, Layer* layer);

  KvType type_;
  std::vector<KvGroupLayout> groups_;
  std::vector<Layer> layers_;
  size_t recurrent_bytes_ = 0;
  bool is_cut_anywhere_ = true;
  size_t original_context_length_ = ~size_t{0};  // where LongScaling goes over to long factors
};

}  // namespace sotto
