// Mean and variance of a row, each in one order of its sum.
#pragma once

#include <wasm_simd128.h>

#include <cstddef>

#include "kernels/reduce_f32x4.h"

namespace sotto {

// x: [n], n > 0, any alignment.
inline float mean_f32_simd(const float* x, size_t n) {
  v128_t sum = wasm_f32x4_const_splat(0);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) sum = wasm_f32x4_add(sum, wasm_v128_load(x + i));
  float total = sum_f32x4(sum);
  for (; i < n; ++i) total += x[i];
  return total / static_cast<float>(n);
}

// Of all n, not of a sample. A second pass over the row: E[x^2] - mean^2 in one pass cancels badly
// where the mean is large.
inline float variance_f32_simd(const float* x, size_t n, float mean) {
  const v128_t means = wasm_f32x4_splat(mean);
  v128_t sum = wasm_f32x4_const_splat(0);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const v128_t centered = wasm_f32x4_sub(wasm_v128_load(x + i), means);
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(centered, centered));
  }
  float total = sum_f32x4(sum);
  for (; i < n; ++i) total += (x[i] - mean) * (x[i] - mean);
  return total / static_cast<float>(n);
}

}  // namespace sotto
