#include "model/decoder.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "kernels/activate_f32_simd.h"
#include "kernels/add_bias_f32_simd.h"
#include "kernels/add_residual_f32_simd.h"
#include "kernels/attention_f32_simd.h"
#include "kernels/attention_int8_simd.h"
#include "kernels/layer_norm_f32_simd.h"
#include "kernels/linear/panel_product.h"

namespace sotto {

namespace {

// Most rows that a thread takes at a time in what is done row by row.
constexpr size_t kChunkRows = 4;

// Columns of a wide row that a thread takes at a time.
constexpr size_t kSegment = 768;

Activations lay_out_activations(const DecoderConfig& config, Arena& arena) {
  const auto take = [&arena](size_t columns) {
    return arena.take<float>(kMostBatchRows * columns);
  };
  return {
      .hidden = take(config.hidden_size),
      .normed = take(config.hidden_size),
      .qkv = take(config.qkv_rows()),
      .attended = take(config.q_rows()),
      .projected = take(config.hidden_size),
      .inner = take(config.intermediate_size),
  };
}

ProductSpace lay_out_products(const DecoderConfig& config, ThreadPool& pool, Arena& arena) {
  const size_t columns = std::max({static_cast<size_t>(config.hidden_size), config.q_rows(),
                                   static_cast<size_t>(config.intermediate_size)});
  const size_t n_blocks = blocks_for(columns);
  const size_t scratch =
      std::max(scratch_bytes(n_blocks), attention_scratch_bytes(config.head_dim));
  const size_t stride = (scratch + kAlignment - 1) / kAlignment * kAlignment;
  return {
      .pool = &pool,
      .rows = {.values = arena.take<uint8_t>(kMostBatchRows * n_blocks * kBlockColumns *
                                             element_bytes(RowLayout::kI16)),
               .scales = arena.take<float>(kMostBatchRows * n_blocks),
               .sums = arena.take<int32_t>(kMostBatchRows * n_blocks),
               .n_blocks = n_blocks},
      .scratch = arena.take<uint8_t>(pool.n_threads() * stride),
      .scratch_stride = stride,
  };
}

void embed(const DecoderConfig& config, const Weights& weights, std::span<const BatchRow> batch,
           float* hidden) {
  const size_t width = config.hidden_size;
  for (const BatchRow& row : batch) {
    weights.token_embedding.read_row(row.token, hidden);
    const float* const position = weights.position_embedding.row(row.position);
    for (size_t i = 0; i < width; ++i) hidden[i] = hidden[i] * config.embedding_scale + position[i];
    hidden += width;
  }
}

void norm(const DecoderConfig& config, const NormWeights& weights, const float* x, size_t rows,
          float* y) {
  layer_norm_f32_simd(x, rows, config.hidden_size, config.hidden_size, weights.weight.row(0),
                      weights.bias.row(0), config.norm_epsilon, y);
}

// What a thread takes at a time of attention: some rows of one sequence, and some heads.
struct AttentionUnit {
  size_t row;
  size_t n_rows;
  size_t head_begin;
  size_t head_end;
};

// Rows of one sequence that stand together attend together: many rows of one head, or, of few rows,
// as many heads as make a fair share for each thread. The same in every layer.
std::vector<AttentionUnit> attention_units(std::span<const BatchRow> batch, size_t n_heads,
                                           size_t n_threads) {
  const size_t fair_share = (n_heads + n_threads - 1) / n_threads;
  std::vector<AttentionUnit> units;
  for (size_t begin = 0, end = 0; begin < batch.size(); begin = end) {
    while (end < batch.size() && batch[end].sequence == batch[begin].sequence) ++end;
    const size_t n_rows = std::min(end - begin, kAttentionPairs);
    const size_t n_heads_at_once = std::min(fair_share, kAttentionPairs / n_rows);
    for (size_t row = begin; row < end; row += n_rows) {
      for (size_t head = 0; head < n_heads; head += n_heads_at_once) {
        units.push_back(
            {row, std::min(n_rows, end - row), head, std::min(head + n_heads_at_once, n_heads)});
      }
    }
  }
  return units;
}

void attend(const DecoderConfig& config, size_t layer, std::span<const BatchRow> batch,
            std::span<const AttentionUnit> units, const Activations& activations,
            const ProductSpace& space) {
  const AttentionShape shape = {
      .n_heads = static_cast<size_t>(config.n_heads),
      .n_kv_heads = static_cast<size_t>(config.n_kv_heads),
      .head_dim = static_cast<size_t>(config.head_dim),
      .scale = config.attention_scale,
  };
  space.pool->parallel_for(units.size(), 1, [&](size_t first, size_t last, size_t thread) {
    for (const AttentionUnit& unit : units.subspan(first, last - first)) {
      const KvCache& sequence = *batch[unit.row].sequence;
      const AttentionKernel kernel =
          sequence.type() == KvType::kF32 ? attention_f32_simd : attention_int8_simd;
      kernel(shape, sequence.layer(layer),
             {
                 .q = activations.qkv + unit.row * config.qkv_rows(),
                 .q_stride = config.qkv_rows(),
                 .n_rows = unit.n_rows,
                 .first_position = batch[unit.row].position,
                 .head_begin = unit.head_begin,
                 .head_end = unit.head_end,
                 .out = activations.attended + unit.row * config.q_rows(),
                 .scratch = space.scratch_of(thread),
             });
    }
  });
}

// inner = gelu(inner + bias): [rows, intermediate]. One row is wide enough to be shared out.
void activate(const DecoderConfig& config, const float* bias, size_t rows, float* inner,
              const ProductSpace& space) {
  const size_t width = config.intermediate_size;
  const size_t n_segments = (width + kSegment - 1) / kSegment;
  const size_t chunk = rows == 1 ? 1 : n_segments;
  space.pool->parallel_for(rows * n_segments, chunk, [&](size_t begin, size_t end, size_t) {
    for (size_t unit = begin; unit < end; ++unit) {
      const size_t column = unit % n_segments * kSegment;
      activate_f32_simd(Activation::kGeluTanh, inner + unit / n_segments * width + column, 1,
                        std::min(kSegment, width - column), bias + column);
    }
  });
}

void append_keys_values(const DecoderConfig& config, size_t layer, std::span<const BatchRow> batch,
                        const float* qkv) {
  for (const BatchRow& row : batch) {
    const float* const k = qkv + config.q_rows();
    row.sequence->write(layer, row.position, k, k + config.kv_rows());
    qkv += config.qkv_rows();
  }
}

// Moves the rows that want logits to the front of `hidden` and returns how many they are.
size_t gather_logit_rows(std::span<const BatchRow> batch, size_t width, float* hidden) {
  size_t n_wanted = 0;
  for (size_t row = 0; row < batch.size(); ++row) {
    if (!batch[row].wants_logits) continue;
    std::memmove(hidden + n_wanted * width, hidden + row * width, width * sizeof(float));
    ++n_wanted;
  }
  return n_wanted;
}

}  // namespace

Result<Workspace> Workspace::create(const DecoderConfig& config, ThreadPool& pool) {
  Arena measure;
  lay_out_activations(config, measure);
  lay_out_products(config, pool, measure);
  auto block = Buffer<uint8_t>::create(measure.used(), "activations");
  if (!block.is_ok()) return block.error();
  Workspace workspace;
  workspace.block_ = std::move(block.value());
  Arena arena(workspace.block_.data(), workspace.block_.size());
  workspace.activations_ = lay_out_activations(config, arena);
  workspace.product_space_ = lay_out_products(config, pool, arena);
  return workspace;
}

void forward(const DecoderConfig& config, const Weights& weights, std::span<const BatchRow> batch,
             const Workspace& workspace, float* logits, std::span<const Tap> taps) {
  const size_t rows = batch.size();
  const size_t width = config.hidden_size;
  SOTTO_CHECK(rows > 0 && rows <= kMostBatchRows);
  const Activations& activations = workspace.activations();
  const ProductSpace& space = workspace.product_space();
  const auto [hidden, normed, qkv, attended, projected, inner] = activations;
  // What each row needs between two products, a few rows at a time.
  const size_t chunk = std::clamp(rows / space.pool->n_threads(), size_t{1}, kChunkRows);
  const auto for_rows = [&](auto body) {
    space.pool->parallel_for(rows, chunk,
                             [&](size_t begin, size_t end, size_t) { body(begin, end - begin); });
  };

  const auto units = attention_units(batch, config.n_heads, space.pool->n_threads());
  embed(config, weights, batch, hidden);
  for (size_t layer = 0; layer < weights.layers.size(); ++layer) {
    const LayerWeights& w = weights.layers[layer];

    tap_hidden(config, taps, layer, hidden);
    for_rows([&](size_t row, size_t n) {
      norm(config, w.attention_norm, hidden + row * width, n, normed + row * width);
    });
    w.qkv.weight.multiply(normed, rows, qkv, space);
    for_rows([&](size_t row, size_t n) {
      float* const part = qkv + row * config.qkv_rows();
      add_bias_f32_simd(part, n, config.qkv_rows(), w.qkv.bias.row(0));
      append_keys_values(config, layer, batch.subspan(row, n), part);
    });
    attend(config, layer, batch, units, activations, space);
    for (const Tap& tap : taps) {
      tap_attention(config, tap, layer, *batch[tap.row_begin].sequence, qkv);
    }
    w.output.weight.multiply(attended, rows, projected, space);

    for_rows([&](size_t row, size_t n) {
      add_residual_f32_simd(hidden + row * width, projected + row * width, n, width,
                            w.output.bias.row(0), 1);
      norm(config, w.mlp_norm, hidden + row * width, n, normed + row * width);
    });
    w.up.weight.multiply(normed, rows, inner, space);
    activate(config, w.up.bias.row(0), rows, inner, space);
    w.down.weight.multiply(inner, rows, projected, space);
    for_rows([&](size_t row, size_t n) {
      add_residual_f32_simd(hidden + row * width, projected + row * width, n, width,
                            w.down.bias.row(0), 1);
    });
  }

  if (!taps.empty()) {
    norm(config, weights.final_norm, hidden, rows, normed);
    tap_hidden(config, taps, weights.layers.size(), normed);
  }
  const size_t n_wanted = gather_logit_rows(batch, width, hidden);
  if (n_wanted == 0) return;
  norm(config, weights.final_norm, hidden, n_wanted, normed);
  const Matrix& head = config.has_tied_head ? weights.token_embedding : weights.head;
  head.multiply(normed, n_wanted, logits, space);
}

}  // namespace sotto
