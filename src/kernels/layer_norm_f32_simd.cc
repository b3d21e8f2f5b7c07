#include "kernels/layer_norm_f32_simd.h"

#include <wasm_simd128.h>

#include <cmath>

#include "kernels/optional_row.h"
#include "kernels/reduce_f32x4.h"

namespace sotto {
namespace {

float mean_of(const float* x, size_t columns) {
  v128_t sum = wasm_f32x4_const_splat(0);
  size_t i = 0;
  for (; i + 4 <= columns; i += 4) sum = wasm_f32x4_add(sum, wasm_v128_load(x + i));
  float total = sum_f32x4(sum);
  for (; i < columns; ++i) total += x[i];
  return total / static_cast<float>(columns);
}

// A second pass over the row: E[x^2] - mean^2 in one pass cancels badly where the mean is large.
float variance_of(const float* x, size_t columns, float mean) {
  const v128_t means = wasm_f32x4_splat(mean);
  v128_t sum = wasm_f32x4_const_splat(0);
  size_t i = 0;
  for (; i + 4 <= columns; i += 4) {
    const v128_t centered = wasm_f32x4_sub(wasm_v128_load(x + i), means);
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(centered, centered));
  }
  float total = sum_f32x4(sum);
  for (; i < columns; ++i) total += (x[i] - mean) * (x[i] - mean);
  return total / static_cast<float>(columns);
}

}  // namespace

void layer_norm_f32_simd(const float* x, size_t rows, size_t columns, size_t stride,
                         const float* weight, const float* bias, float epsilon, float* y) {
  const OptionalRow weights = OptionalRow::weight(weight);
  const OptionalRow biases = OptionalRow::bias(bias);
  for (size_t row = 0; row < rows; ++row, x += stride, y += stride) {
    const float mean = mean_of(x, columns);
    const float scale = 1.0F / std::sqrt(variance_of(x, columns, mean) + epsilon);
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
