#include "kernels/rms_norm_f32_simd.h"

#include <wasm_simd128.h>

#include <cmath>

#include "kernels/optional_row.h"
#include "kernels/sum_squares_f32_simd.h"

namespace sotto {

void rms_norm_f32_simd(const float* x, size_t rows, size_t columns, size_t stride,
                       const float* weight, float offset, float epsilon, float* y) {
  const OptionalRow weights = OptionalRow::weight(weight);
  if (weight == nullptr) offset = 0;
  const v128_t offsets = wasm_f32x4_splat(offset);
  for (size_t row = 0; row < rows; ++row, x += stride, y += stride) {
    const float mean_square = sum_squares_f32_simd(x, columns) / static_cast<float>(columns);
    const float scale = 1.0F / std::sqrt(mean_square + epsilon);
    const v128_t scales = wasm_f32x4_splat(scale);
    size_t i = 0;
    for (; i + 4 <= columns; i += 4) {
      const v128_t factors = wasm_f32x4_add(offsets, weights.four(i));
      const v128_t scaled = wasm_f32x4_mul(wasm_v128_load(x + i), scales);
      wasm_v128_store(y + i, wasm_f32x4_mul(scaled, factors));
    }
    for (; i < columns; ++i) y[i] = x[i] * scale * (offset + weights.one(i));
  }
}

}  // namespace sotto
