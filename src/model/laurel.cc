#include "model/laurel.h"

#include <numbers>

#include "kernels/add_residual_f32_simd.h"
#include "kernels/scale_f32_simd.h"
#include "model/norms.h"

namespace sotto {

void apply_laurel(const Pass& pass, const Laurel& shape, const LaurelWeights& w) {
  const Activations& activations = pass.activations();
  const size_t width = pass.config.hidden_size;
  w.in.apply(activations.normed, pass.rows(), activations.inner, pass.space());
  w.out.apply(activations.inner, pass.rows(), activations.projected, pass.space());
  pass.for_rows([&](size_t first, size_t n) {
    float* const hidden = activations.hidden + first * width;
    float* const normed = activations.normed + first * width;
    float* const projected = activations.projected + first * width;
    apply_norm(shape.norm, w.norm, projected, n, width, projected);
    add_residual_f32_simd(normed, projected, n, width, nullptr, 1);
    add_residual_f32_simd(hidden, normed, n, width, nullptr, 1);
    scale_f32_simd(hidden, n * width, std::numbers::sqrt2_v<float> / 2);
  });
}

}  // namespace sotto
