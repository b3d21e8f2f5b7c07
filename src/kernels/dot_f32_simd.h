// The dot product of two rows of f32.
#pragma once

#include <wasm_simd128.h>

#include <cstddef>

#include "kernels/reduce_f32x4.h"

namespace sotto {

// a, b: [n], any n, any alignment. One order of the sum.
inline float dot_f32_simd(const float* a, const float* b, size_t n) {
  v128_t sum = wasm_f32x4_const_splat(0);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(a + i), wasm_v128_load(b + i)));
  }
  float total = sum_f32x4(sum);
  for (; i < n; ++i) total += a[i] * b[i];
  return total;
}

}  // namespace sotto
