// The scale that turns floats into integers: of activations and of keys, values and queries.
#pragma once

#include <wasm_simd128.h>

#include <cstddef>

#include "kernels/reduce_f32x4.h"

namespace sotto {

// The largest |x[i]|, i < size; NaN when one is NaN.
inline float largest_magnitude(const float* x, size_t size) {
  v128_t most = wasm_i32x4_const_splat(0);
  size_t i = 0;
  for (; i + 4 <= size; i += 4) most = max_magnitude(most, wasm_v128_load(x + i));
  for (; i < size; ++i) most = max_magnitude(most, wasm_v128_load32_splat(x + i));
  return largest_of_magnitudes(most);
}

// x is about scale * nearest(x * inverse). Magnitudes so small that the inverse would overflow are
// 0 in both.
struct IntegerScale {
  float scale;
  float inverse;
};

// For integers up to `most`; NaN of NaN.
inline IntegerScale integer_scale(float magnitude, float most) {
  if (magnitude < 1e-35F) return {0, 0};
  return {magnitude / most, most / magnitude};
}

}  // namespace sotto
