#include "model/per_layer_inputs.h"

#include <cmath>
#include <numbers>

#include "base/check.h"
#include "kernels/add_residual_f32_simd.h"
#include "kernels/gate_f32_simd.h"
#include "kernels/scale_f32_simd.h"
#include "model/norms.h"

namespace sotto {
namespace {

// Whoever calls knows that there are some.
const PerLayerInputs& inputs_of(const DecoderConfig& config) {
  SOTTO_CHECK(config.per_layer_inputs.has_value());
  return *config.per_layer_inputs;
}

// Of all layers.
size_t columns_of(const DecoderConfig& config) {
  return config.n_layers() * inputs_of(config).width;
}

}  // namespace

Status read_layer_embeddings(const Pass& pass, const PerLayerInputsWeights& w) {
  const size_t columns = columns_of(pass.config);
  for (size_t row = 0; row < pass.rows(); ++row) {
    const int32_t token = pass.batch[row].token;
    const bool has_own = token < inputs_of(pass.config).vocab_size;
    float* const out = pass.activations().inner + row * columns;
    SOTTO_RETURN_IF_ERROR(w.embedding.read_row(has_own ? token : 0, out));
  }
  return {};
}

void make_layer_inputs(const Pass& pass, const PerLayerInputsWeights& w) {
  const PerLayerInputs& shape = inputs_of(pass.config);
  const Activations& activations = pass.activations();
  const size_t columns = columns_of(pass.config);
  const float projection_scale = 1 / std::sqrt(static_cast<float>(pass.config.hidden_size));
  const float embedding_scale = std::sqrt(static_cast<float>(shape.width));
  w.projection.apply(activations.hidden, pass.rows(), activations.layer_inputs, pass.space());
  pass.for_rows([&](size_t first, size_t n) {
    for (size_t row = first; row < first + n; ++row) {
      float* const inputs = activations.layer_inputs + row * columns;
      const float* const embedding = activations.inner + row * columns;
      scale_f32_simd(inputs, columns, projection_scale);
      apply_norm(shape.norm, w.norm, inputs, pass.config.n_layers(), shape.width, inputs);
      add_residual_f32_simd(inputs, embedding, 1, columns, nullptr, embedding_scale);
      scale_f32_simd(inputs, columns, std::numbers::sqrt2_v<float> / 2);
    }
  });
}

void apply_layer_input(const Pass& pass, size_t layer, const PerLayerInput& shape,
                       const PerLayerInputWeights& w, const float* x) {
  const Activations& activations = pass.activations();
  const size_t hidden = pass.config.hidden_size;
  const size_t width = inputs_of(pass.config).width;
  const size_t columns = columns_of(pass.config);
  w.gate.apply(x, pass.rows(), activations.inner, pass.space());
  pass.for_rows([&](size_t first, size_t n) {
    for (size_t row = first; row < first + n; ++row) {
      float* const gate = activations.inner + row * width;
      const float* const inputs = activations.layer_inputs + row * columns + layer * width;
      gate_f32_simd(shape.activation, gate, inputs, width, gate);
    }
  });
  w.out.apply(activations.inner, pass.rows(), activations.projected, pass.space());
  pass.for_rows([&](size_t first, size_t n) {
    float* const projected = activations.projected + first * hidden;
    apply_norm(shape.norm, w.norm, projected, n, hidden, projected);
  });
}

}  // namespace sotto
