#include "model/decoder.h"

#include <cstring>
#include <utility>

#include "base/check.h"
#include "kernels/add_bias_f32_simd.h"
#include "kernels/attention_f32_simd.h"
#include "kernels/layer_norm_f32_simd.h"

namespace sotto {

namespace {

Activations lay_out(const DecoderConfig& config, Arena& arena) {
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
      .softmax_state = take(2),
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
  layer_norm_f32_simd(x, rows, config.hidden_size, weights.weight.row(0), weights.bias.row(0),
                      config.norm_epsilon, y);
}

// Rows of one sequence that stand together attend together.
void attend(const DecoderConfig& config, size_t layer, std::span<const BatchRow> batch,
            const Activations& activations) {
  const AttentionShape shape = {
      .n_heads = static_cast<size_t>(config.n_heads),
      .n_kv_heads = static_cast<size_t>(config.n_kv_heads),
      .head_dim = static_cast<size_t>(config.head_dim),
      .scale = config.attention_scale,
  };
  for (size_t begin = 0, end = 0; begin < batch.size(); begin = end) {
    while (end < batch.size() && batch[end].sequence == batch[begin].sequence) ++end;
    attention_f32_simd(shape, batch[begin].sequence->layer(layer),
                       {
                           .q = activations.qkv + begin * config.qkv_rows(),
                           .q_stride = config.qkv_rows(),
                           .n_rows = end - begin,
                           .first_position = batch[begin].position,
                           .out = activations.attended + begin * config.q_rows(),
                           .state = activations.softmax_state,
                       });
  }
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

Result<Workspace> Workspace::create(const DecoderConfig& config) {
  Arena measure;
  lay_out(config, measure);
  auto block = Buffer<uint8_t>::create(measure.used(), "activations");
  if (!block.is_ok()) return block.error();
  Workspace workspace;
  workspace.block_ = std::move(block.value());
  Arena arena(workspace.block_.data(), workspace.block_.size());
  workspace.activations_ = lay_out(config, arena);
  return workspace;
}

void forward(const DecoderConfig& config, const Weights& weights, std::span<const BatchRow> batch,
             const Activations& activations, float* logits) {
  const size_t rows = batch.size();
  const size_t width = config.hidden_size;
  SOTTO_CHECK(rows > 0 && rows <= kMostBatchRows);
  float* const hidden = activations.hidden;
  float* const normed = activations.normed;
  float* const projected = activations.projected;

  embed(config, weights, batch, hidden);
  for (size_t layer = 0; layer < weights.layers.size(); ++layer) {
    const LayerWeights& w = weights.layers[layer];

    norm(config, w.attention_norm, hidden, rows, normed);
    w.qkv.weight.multiply(normed, rows, activations.qkv);
    add_bias_f32_simd(activations.qkv, rows, config.qkv_rows(), w.qkv.bias.row(0));
    append_keys_values(config, layer, batch, activations.qkv);
    attend(config, layer, batch, activations);
    w.output.weight.multiply(activations.attended, rows, projected);
    add_residual_f32_simd(hidden, projected, rows, width, w.output.bias.row(0));

    norm(config, w.mlp_norm, hidden, rows, normed);
    w.up.weight.multiply(normed, rows, activations.inner);
    add_bias_gelu_tanh_f32_simd(activations.inner, rows, config.intermediate_size,
                                w.up.bias.row(0));
    w.down.weight.multiply(activations.inner, rows, projected);
    add_residual_f32_simd(hidden, projected, rows, width, w.down.bias.row(0));
  }

  const size_t n_wanted = gather_logit_rows(batch, width, hidden);
  if (n_wanted == 0) return;
  norm(config, weights.final_norm, hidden, n_wanted, normed);
  const Matrix& head = config.has_tied_head ? weights.token_embedding : weights.head;
  head.multiply(normed, n_wanted, logits);
}

}  // namespace sotto
