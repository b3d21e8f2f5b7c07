// The sum of squares of a row, as norms need it.
#pragma once

#include <wasm_simd128.h>

#include <cstddef>

#include "kernels/reduce_f32x4.h"

namespace sotto {

// x: [n], any n, any alignment. One order of the sum.
inline float sum_squares_f32_simd(const float* x, size_t n) {
  v128_t sum = wasm_f32x4_const_splat(0);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const v128_t values = wasm_v128_load(x + i);
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(values, values));
  }
  float total = sum_f32x4(sum);
  for (; i < n; ++i) total += x[i] * x[i];
  return total;
}

}  // namespace sotto
