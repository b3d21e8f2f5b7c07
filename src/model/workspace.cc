#include "model/workspace.h"

#include <algorithm>
#include <utility>

#include "kernels/attention.h"
#include "kernels/linear/panel_product.h"

namespace sotto {
namespace {

// The widest rows of each tensor, over all kinds of layers.
struct Widths {
  size_t hidden = 0;
  size_t mixer_in = 0;
  size_t mixed = 0;
  size_t inner = 0;
  size_t activated = 0;
  size_t head_dim = 0;
  size_t layer_inputs = 0;
  size_t streams = 0;

  explicit Widths(const DecoderConfig& config) : hidden(config.hidden_size) {
    if (config.per_layer_inputs) layer_inputs = config.n_layers() * config.per_layer_inputs->width;
    if (config.alt_up) streams = (config.alt_up->n_streams - 1) * hidden;
    inner = std::max(layer_inputs, streams);
    for (const LayerKind& kind : config.kinds) {
      kind.for_each_mixer([this](const auto& mixer) { add(mixer); });
      if (kind.laurel) inner = std::max(inner, static_cast<size_t>(kind.laurel->rank));
      if (!kind.mlp) continue;
      inner = std::max(inner, kind.mlp->up_rows());
      if (!kind.mlp->is_gated) continue;
      activated = std::max(activated, static_cast<size_t>(kind.mlp->intermediate_size));
    }
  }
  // Of what products read.
  size_t widest() const { return std::max({hidden, mixed, inner}); }

 private:
  void add(const Attention& attention) {
    mixer_in = std::max(mixer_in, attention.qkv_rows());
    mixed = std::max(mixed, attention.q_rows());
    head_dim = std::max(head_dim, static_cast<size_t>(attention.head_dim));
  }
  void add(const ShortConvolution&) {
    mixer_in = std::max(mixer_in, 3 * hidden);
    mixed = std::max(mixed, hidden);
  }
  void add(const GatedDelta& delta) {
    mixer_in = std::max(mixer_in, delta.in_rows());
    mixed = std::max(mixed, delta.value_rows());
  }
  void add(const StateSpace& space) {
    mixer_in = std::max(mixer_in, space.in_rows());
    mixed = std::max(mixed, space.inner_rows());
  }
};

Activations lay_out_activations(const Widths& widths, Arena& arena) {
  const auto take = [&arena](size_t columns) {
    return arena.take<float>(uint64_t{kMostBatchRows} * columns);
  };
  return {
      .hidden = take(widths.hidden),
      .normed = take(widths.hidden),
      .mixer_in = take(widths.mixer_in),
      .mixed = take(widths.mixed),
      .projected = take(widths.hidden),
      .inner = take(widths.inner),
      .activated = take(widths.activated),
      .layer_inputs = take(widths.layer_inputs),
      .streams = take(widths.streams),
      .predicted = take(widths.streams == 0 ? 0 : widths.hidden),
  };
}

ProductSpace lay_out_products(const Widths& widths, ThreadPool& pool, Arena& arena) {
  const size_t n_blocks = blocks_for(widths.widest());
  const size_t scratch =
      std::max(scratch_bytes(n_blocks), attention_scratch_bytes(widths.head_dim));
  const size_t stride = (scratch + kAlignment - 1) / kAlignment * kAlignment;
  return {
      .pool = &pool,
      .rows = {.values = arena.take<uint8_t>(uint64_t{kMostBatchRows} * n_blocks * kBlockColumns *
                                             element_bytes(RowLayout::kI16)),
               .scales = arena.take<float>(uint64_t{kMostBatchRows} * n_blocks),
               .sums = arena.take<int32_t>(uint64_t{kMostBatchRows} * n_blocks),
               .offsets = arena.take<float>(uint64_t{kMostBatchRows} * n_blocks),
               .pair_sums = arena.take<int16_t>(uint64_t{kMostBatchRows} * n_blocks * 4),
               .n_blocks = n_blocks},
      .scratch = arena.take<uint8_t>(uint64_t{pool.n_threads()} * stride),
      .scratch_stride = stride,
  };
}

}  // namespace

Workspace Workspace::in(const DecoderConfig& config, ThreadPool& pool, Arena& arena) {
  const Widths widths(config);
  Workspace workspace;
  workspace.activations_ = lay_out_activations(widths, arena);
  workspace.product_space_ = lay_out_products(widths, pool, arena);
  workspace.ropes_ = RopeTables(config);
  workspace.ropes_.lay_out(arena);
  return workspace;
}

uint64_t Workspace::bytes_for(const DecoderConfig& config, ThreadPool& pool) {
  Arena measure;
  in(config, pool, measure);
  return measure.used();
}

Result<Workspace> Workspace::create(const DecoderConfig& config, ThreadPool& pool) {
  auto block = Buffer<uint8_t>::create(bytes_for(config, pool), "activations");
  if (!block.is_ok()) return block.error();
  Arena arena(block.value().data(), block.value().size());
  Workspace workspace = in(config, pool, arena);
  workspace.block_ = std::move(block.value());
  return workspace;
}

}  // namespace sotto
