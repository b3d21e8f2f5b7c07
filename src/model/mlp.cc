#include "model/mlp.h"

#include "kernels/activate_f32_simd.h"
#include "kernels/add_bias_f32_simd.h"
#include "kernels/cut_off_f32_simd.h"
#include "kernels/gate_f32_simd.h"
#include "kernels/scale_f32_simd.h"

namespace sotto {
namespace {

// The columns of a bias, if there is one.
const float* bias_at(const Linear& linear, size_t column) {
  return linear.bias.data() == nullptr ? nullptr : linear.bias.data() + column;
}

// Gates with their bias and factor, and cut off, where they are: over whole rows.
void cut_off_gates(const Pass& pass, const Mlp& shape, const MlpWeights& w) {
  const size_t width = shape.intermediate_size;
  pass.for_rows([&](size_t first, size_t n) {
    for (size_t row = first; row < first + n; ++row) {
      float* const gates = pass.activations().inner + row * shape.up_rows();
      add_bias_f32_simd(gates, 1, width, w.up.bias.data());
      if (shape.gate_scale != 1) scale_f32_simd(gates, width, shape.gate_scale);
      cut_off_f32_simd(gates, width, shape.cutoff->deviations);
    }
  });
}

}  // namespace

void apply_mlp(const Pass& pass, const Mlp& shape, const MlpWeights& w) {
  const Activations& activations = pass.activations();
  const size_t width = shape.intermediate_size;
  w.up.apply(activations.normed, pass.rows(), activations.inner, pass.space());
  if (shape.cutoff) cut_off_gates(pass, shape, w);
  pass.for_segments(width, [&](size_t row, size_t column, size_t n) {
    float* const inner = activations.inner + row * shape.up_rows() + column;
    if (!shape.is_gated) {
      activate_f32_simd(shape.activation, inner, 1, n, bias_at(w.up, column));
      return;
    }
    if (!shape.cutoff) {
      add_bias_f32_simd(inner, 1, n, bias_at(w.up, column));
      if (shape.gate_scale != 1) scale_f32_simd(inner, n, shape.gate_scale);
    }
    add_bias_f32_simd(inner + width, 1, n, bias_at(w.up, width + column));
    gate_f32_simd(shape.activation, inner, inner + width, n,
                  activations.activated + row * width + column);
  });
  const float* const activated = shape.is_gated ? activations.activated : activations.inner;
  w.down.apply(activated, pass.rows(), activations.projected, pass.space());
}

}  // namespace sotto
