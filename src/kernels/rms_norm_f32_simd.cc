#include "kernels/rms_norm_f32_simd.h"

#include <wasm_simd128.h>

#include <cmath>

#include "kernels/optional_row.h"
#include "kernels/reduce_f32x4.h"

namespace sotto {
namespace {

float mean_square_of(const float* x, size_t columns) {
  v128_t sum = wasm_f32x4_const_splat(0);
  size_t i = 0;
  for (; i + 4 <= columns; i += 4) {
    const v128_t values = wasm_v128_load(x + i);
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(values, values));
  }
  float total = sum_f32x4(sum);
  for (; i < columns; ++i) total += x[i] * x[i];
  return total / static_cast<float>(columns);
}

}  // namespace

void rms_norm_f32_simd(const float* x, size_t rows, size_t columns, size_t stride,
                       const float* weight, float offset, float epsilon, float* y) {
  const OptionalRow weights = OptionalRow::weight(weight);
  if (weight == nullptr) offset = 0;
  const v128_t offsets = wasm_f32x4_splat(offset);
  for (size_t row = 0; row < rows; ++row, x += stride, y += stride) {
    const float scale = 1.0F / std::sqrt(mean_square_of(x, columns) + epsilon);
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
