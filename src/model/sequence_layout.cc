#include "model/sequence_layout.h"

#include <algorithm>

#include "base/memory.h"
#include "kernels/attention_int8_simd.h"
#include "kernels/state_block.h"

namespace sotto {
namespace {

constexpr size_t kStateAlignment = kAlignment / sizeof(float);

// Of three in turn, the first and the last are further apart than kCheckpointDistance.
size_t most_checkpoints(size_t n_positions) { return 2 * (n_positions / kCheckpointDistance) + 3; }

size_t head_bytes(KvType type, size_t head_dim) {
  if (type == KvType::kInt8) return int8_head_bytes(head_dim);
  return 2 * kPagePositions * head_dim * sizeof(float);
}

// Where the layer goes over to long factors, or the largest number.
size_t original_context_length(const Attention& attention) {
  const LongScaling* const scaling =
      attention.rope ? std::get_if<LongScaling>(&attention.rope->scaling) : nullptr;
  return scaling == nullptr ? ~size_t{0} : scaling->original_context_length;
}

}  // namespace

size_t heads_state_floats(const GatedDelta& delta) {
  return delta.n_value_heads * state_head_floats(delta.key_dim, delta.value_dim);
}

size_t heads_state_floats(const StateSpace& space) {
  return space.n_heads * state_head_floats(space.state_size, space.head_dim);
}

SequenceLayout::SequenceLayout(const DecoderConfig& config, KvType type) : type_(type) {
  size_t n_floats = 0;
  for (size_t index = 0; index < config.n_layers(); ++index) {
    Layer layer;
    config.kind_of(index).for_each_mixer(
        [&](const auto& mixer) { add_mixer(mixer, config, &layer); });
    layer.state_offset = n_floats;
    n_floats += (layer.state_floats + kStateAlignment - 1) / kStateAlignment * kStateAlignment;
    layers_.push_back(layer);
  }
  recurrent_bytes_ = n_floats * sizeof(float);
  is_cut_anywhere_ = is_cut_anywhere_ && recurrent_bytes_ == 0;
}

void SequenceLayout::add_mixer(const Attention& attention, const DecoderConfig& config,
                               Layer* layer) {
  if (attention.shared_keys) {
    const Layer& source = layers_[attention.shared_keys->layer];
    layer->group = source.group;
    layer->index_in_group = source.index_in_group;
    return;
  }
  // A window as long as the context is none.
  const bool has_window = attention.window > 0 && attention.window < config.context_length;
  add_keys(attention, has_window ? attention.window : 0, layer);
  original_context_length_ = std::min(original_context_length_, original_context_length(attention));
  is_cut_anywhere_ = is_cut_anywhere_ && !has_window;
}

void SequenceLayout::add_mixer(const ShortConvolution& convolution, const DecoderConfig& config,
                               Layer* layer) {
  layer->state_floats = static_cast<size_t>(convolution.n_taps - 1) * config.hidden_size;
}

void SequenceLayout::add_mixer(const GatedDelta& delta, const DecoderConfig&, Layer* layer) {
  layer->state_floats = heads_state_floats(delta) + (delta.n_taps - 1) * delta.convolved_rows();
}

void SequenceLayout::add_mixer(const StateSpace& space, const DecoderConfig&, Layer* layer) {
  layer->state_floats = heads_state_floats(space) + (space.n_taps - 1) * space.convolved_rows();
}

void SequenceLayout::add_keys(const Attention& attention, size_t window, Layer* layer) {
  const KvGroupLayout wanted = {
      .type = type_,
      .n_layers = 0,
      .n_kv_heads = static_cast<size_t>(attention.n_kv_heads),
      .head_dim = static_cast<size_t>(attention.head_dim),
      .window = window,
      .head_bytes = head_bytes(type_, attention.head_dim),
  };
  const auto found = std::find_if(groups_.begin(), groups_.end(), [&](const KvGroupLayout& group) {
    return group.n_kv_heads == wanted.n_kv_heads && group.head_dim == wanted.head_dim &&
           group.window == wanted.window;
  });
  layer->group = found - groups_.begin();
  if (found == groups_.end()) groups_.push_back(wanted);
  layer->index_in_group = groups_[layer->group].n_layers++;
}

uint64_t SequenceLayout::bytes(size_t n_positions) const {
  if (n_positions == 0) return 0;
  const uint64_t n_checkpoints = is_cut_anywhere_ ? 0 : most_checkpoints(n_positions);
  uint64_t whole = 0;        // of groups without a window
  uint64_t unforgotten = 0;  // of those with one, if they gave up nothing
  uint64_t windows = 0;      // what they keep for themselves
  uint64_t checkpoint = recurrent_bytes_;
  for (const KvGroupLayout& group : groups_) {
    const uint64_t n_pages = pages_for(n_positions);
    if (group.window == 0) {
      whole += n_pages * group.page_bytes();
      continue;
    }
    // Each checkpoint may have the page in which it ends for itself.
    unforgotten += (n_pages + n_checkpoints) * group.page_bytes();
    const size_t n_kept = std::min(n_positions, group.window + 2 * kRewindMargin);
    windows += uint64_t{pages_for(n_kept) + 1} * group.page_bytes();
    checkpoint += uint64_t{pages_for(std::min(n_positions, group.window)) + 1} * group.page_bytes();
  }
  const uint64_t checkpoints = std::min(n_checkpoints * checkpoint, uint64_t{checkpoint_budget()});
  return whole + 3 * uint64_t{recurrent_bytes_} +
         std::min(unforgotten + n_checkpoints * recurrent_bytes_, windows + checkpoints);
}

size_t SequenceLayout::list_bytes(size_t n_positions) const {
  constexpr size_t kListBytes = 64;
  constexpr size_t kCheckpointBytes = 256;
  // A list that grows is there twice for a moment, the new one twice as long.
  const size_t page_list = 3 * sizeof(void*) * pages_for(n_positions) + kListBytes;
  const size_t n_checkpoints = is_cut_anywhere_ ? 0 : most_checkpoints(n_positions);
  size_t n_lists = groups_.size();
  for (const KvGroupLayout& group : groups_) n_lists += group.window > 0 ? n_checkpoints : 0;
  return 3 * sizeof(int32_t) * n_positions + n_lists * page_list + n_checkpoints * kCheckpointBytes;
}

}  // namespace sotto
