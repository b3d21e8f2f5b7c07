#include "kernels/layer_norm_f32_simd.h"

#include <wasm_simd128.h>

#include <cmath>

#include "kernels/moments_f32_simd.h"
#include "kernels/optional_row.h"

namespace sotto {
void layer_norm_f32_simd(const float* x, size_t rows, size_t columns, size_t stride,
                         const float* weight, const float* bias, float epsilon, float* y) {
  const OptionalRow weights = OptionalRow::weight(weight);
  const OptionalRow biases = OptionalRow::bias(bias);
  for (size_t row = 0; row < rows; ++row, x += stride, y += stride) {
    const float mean = mean_f32_simd(x, columns);
    const float scale = 1.0F / std::sqrt(variance_f32_simd(x, columns, mean) + epsilon);
    const v128_t means = wasm_f32x4_splat(mean);
    const v128_t scales = wasm_f32x4_splat(scale);
    size_t i = 0;
    for (; i + 4 <= columns; i += 4) {
      const v128_t centered = wasm_f32x4_sub(wasm_v128_load(x + i), means);
      const v128_t scaled = wasm_f32x4_mul(wasm_f32x4_mul(centered, scales), weights.four(i));
      wasm_v128_store(y + i, wasm_f32x4_add(scaled, biases.four(i)));
    }
    for (; i < columns; ++i) y[i] = (x[i] - mean) * scale * weights.one(i) + biases.one(i);
  }
}

}  // namespace sotto
