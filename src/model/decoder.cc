#include "model/decoder.h"

#include <cstring>

#include "base/check.h"
#include "kernels/add_bias_f32_simd.h"
#include "kernels/add_residual_f32_simd.h"
#include "kernels/scale_f32_simd.h"
#include "kernels/softcap_f32_simd.h"
#include "model/alt_up.h"
#include "model/laurel.h"
#include "model/mixers/mix.h"
#include "model/mlp.h"
#include "model/norms.h"
#include "model/pass.h"
#include "model/per_layer_inputs.h"

namespace sotto {
namespace {

void embed(const DecoderConfig& config, const Weights& weights, const Pass& pass) {
  const size_t width = config.hidden_size;
  pass.for_rows([&](size_t first, size_t n) {
    float* const hidden = pass.activations().hidden + first * width;
    for (size_t i = 0; i < n; ++i) {
      const BatchRow& row = pass.batch[first + i];
      weights.token_embedding.read_row(row.token, hidden + i * width);
      if (config.embedding_scale != 1) {
        scale_f32_simd(hidden + i * width, width, config.embedding_scale);
      }
      if (config.has_position_table) {
        add_bias_f32_simd(hidden + i * width, 1, width,
                          weights.position_embedding.row(row.position));
      }
    }
    apply_norm(config.embedding_norm, weights.embedding_norm, hidden, n, width, hidden);
  });
}

// hidden += scale * norm(projected + bias), for rows [first, first + n).
struct Residual {
  const std::optional<Norm>& norm;
  const NormWeights& norm_weights;
  const Linear& last;  // whose bias it is
  float scale;

  void add(const Pass& pass, size_t first, size_t n) const {
    const size_t width = last.rows();
    float* const hidden = pass.activations().hidden + first * width;
    float* const projected = pass.activations().projected + first * width;
    if (!norm) {
      add_residual_f32_simd(hidden, projected, n, width, last.bias.data(), scale);
      return;
    }
    add_bias_f32_simd(projected, n, width, last.bias.data());
    apply_norm(norm, norm_weights, projected, n, width, projected);
    add_residual_f32_simd(hidden, projected, n, width, nullptr, scale);
  }
};

// What a layer adds of the inputs that are its own, and its output scale.
void finish_layer(const DecoderConfig& config, const Pass& pass, size_t layer,
                  const LayerWeights& w) {
  const LayerKind& kind = config.kind_of(layer);
  const size_t width = config.hidden_size;
  const Activations& activations = pass.activations();
  if (kind.per_layer_input) {
    const float* const x =
        config.alt_up ? scaled_active_stream(pass, w.alt_up) : activations.hidden;
    apply_layer_input(pass, layer, *kind.per_layer_input, w.per_layer_input, x);
    pass.for_rows([&](size_t first, size_t n) {
      if (config.alt_up) {
        add_to_streams(pass, first, n);
      } else {
        add_residual_f32_simd(activations.hidden + first * width,
                              activations.projected + first * width, n, width, nullptr, 1);
      }
    });
  }
  if (!kind.has_output_scale) return;
  pass.for_rows([&](size_t first, size_t n) {
    scale_f32_simd(activations.hidden + first * width, n * width, *w.output_scale.data());
  });
}

void run_layer(const DecoderConfig& config, const Pass& pass, size_t layer, const LayerWeights& w) {
  const LayerKind& kind = config.kind_of(layer);
  const size_t width = config.hidden_size;
  const Activations& activations = pass.activations();
  if (config.alt_up) predict_streams(pass, w.alt_up);
  const auto norm_rows = [&](const std::optional<Norm>& norm, const NormWeights& weights,
                             size_t first, size_t n) {
    apply_norm(norm, weights, activations.hidden + first * width, n, width,
               activations.normed + first * width);
  };
  pass.for_rows(
      [&](size_t first, size_t n) { norm_rows(kind.mixer_norm, w.mixer_norm, first, n); });
  const size_t kind_index = config.layers[layer];
  mix(pass, layer, kind_index, kind.mixer, w.mixer);
  const Residual mixed = {kind.mixer_post_norm, w.mixer_post_norm, last_of(w.mixer),
                          kind.mixer_scale};
  const auto finish_mixing = [&](const Residual& last) {
    pass.for_rows([&](size_t first, size_t n) {
      // In parallel, the MLP reads what the mixer read.
      if (kind.is_parallel && kind.mlp_norm) norm_rows(kind.mlp_norm, w.mlp_norm, first, n);
      last.add(pass, first, n);
      const bool is_next = !kind.is_parallel && !kind.laurel;
      if (is_next && kind.mlp) norm_rows(kind.mlp_norm, w.mlp_norm, first, n);
    });
  };
  if (kind.beside) {
    pass.for_rows([&](size_t first, size_t n) { mixed.add(pass, first, n); });
    mix(pass, layer, kind_index, kind.beside->mixer, w.beside);
    finish_mixing({kind.mixer_post_norm, w.mixer_post_norm, last_of(w.beside), kind.beside->scale});
  } else {
    finish_mixing(mixed);
  }
  if (kind.laurel) {
    apply_laurel(pass, *kind.laurel, w.laurel);
    pass.for_rows([&](size_t first, size_t n) { norm_rows(kind.mlp_norm, w.mlp_norm, first, n); });
  }
  if (kind.mlp) {
    apply_mlp(pass, *kind.mlp, w.mlp);
    const Residual fed = {kind.mlp_post_norm, w.mlp_post_norm, w.mlp.down, kind.mlp_scale};
    pass.for_rows([&](size_t first, size_t n) { fed.add(pass, first, n); });
  }
  if (config.alt_up) correct_streams(pass, w.alt_up);
  finish_layer(config, pass, layer, w);
}

// Moves the rows that want logits to the front of `x` and returns how many they are. x: [rows,
// width]
size_t gather_logit_rows(std::span<const BatchRow> batch, size_t width, float* x) {
  size_t n_wanted = 0;
  for (size_t row = 0; row < batch.size(); ++row) {
    if (!batch[row].wants_logits) continue;
    std::memmove(x + n_wanted * width, x + row * width, width * sizeof(float));
    ++n_wanted;
  }
  return n_wanted;
}

// What the head reads, of the first rows of the residual stream, or streams: `normed`.
void norm_last(const DecoderConfig& config, const Weights& weights, const Pass& pass, size_t rows) {
  float* const normed = pass.activations().normed;
  if (config.alt_up) merge_streams(pass, weights.alt_up, rows);
  const float* const last = config.alt_up ? normed : pass.activations().hidden;
  apply_norm(config.final_norm, weights.final_norm, last, rows, config.hidden_size, normed);
}

// normed: [rows, hidden]; logits: [rows, vocab].
void head(const DecoderConfig& config, const Weights& weights, const float* normed, size_t rows,
          const Pass& pass, float* logits) {
  const size_t vocab = config.vocab_size;
  const Linear& linear = config.has_tied_head ? weights.token_embedding : weights.head;
  linear.apply(normed, rows, logits, pass.space());
  add_bias_f32_simd(logits, rows, vocab, weights.head.bias.data());
  if (config.logit_scale != 1) scale_f32_simd(logits, rows * vocab, config.logit_scale);
  if (config.logit_softcap != 0) softcap_f32_simd(logits, rows * vocab, config.logit_softcap);
}

}  // namespace

Status forward(const DecoderConfig& config, const Weights& weights, std::span<const BatchRow> batch,
               const Workspace& workspace, float* logits, std::span<const Tap> taps) {
  SOTTO_CHECK(!batch.empty() && batch.size() <= kMostBatchRows);
  const Pass pass = {config, batch, workspace, taps};
  const size_t width = config.hidden_size;
  float* const hidden = workspace.activations().hidden;
  float* const normed = workspace.activations().normed;

  if (config.per_layer_inputs) {
    SOTTO_RETURN_IF_ERROR(read_layer_embeddings(pass, weights.per_layer_inputs));
  }
  workspace.ropes().fill(batch, pass.pool());
  embed(config, weights, pass);
  if (config.per_layer_inputs) make_layer_inputs(pass, weights.per_layer_inputs);
  if (config.alt_up) begin_streams(pass, weights.alt_up);
  for (size_t layer = 0; layer < config.n_layers(); ++layer) {
    tap_hidden(config, taps, layer, hidden);
    run_layer(config, pass, layer, weights.layers[layer]);
  }
  if (config.alt_up) end_streams(pass);

  if (!taps.empty()) {
    norm_last(config, weights, pass, pass.rows());
    tap_hidden(config, taps, config.n_layers(), normed);
  }
  const size_t n_wanted = gather_logit_rows(batch, width, hidden);
  if (n_wanted == 0) return {};
  if (config.alt_up) {
    const size_t n_others = config.alt_up->n_streams - 1;
    gather_logit_rows(batch, n_others * width, workspace.activations().streams);
  }
  norm_last(config, weights, pass, n_wanted);
  head(config, weights, normed, n_wanted, pass, logits);
  return {};
}

}  // namespace sotto
