// Reductions of the four lanes of a vector, always in the same order.
#pragma once

#include <wasm_simd128.h>

namespace sotto {

// (x0 + x2) + (x1 + x3)
inline float sum_f32x4(v128_t x) {
  const v128_t pairs = wasm_f32x4_add(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(pairs, 0) + wasm_f32x4_extract_lane(pairs, 1);
}

// {sum(a), sum(b), sum(c), sum(d)}, each as ((x0 + x2) + (x1 + x3)): the columns of a transposed 4
// x 4 block, added.
inline v128_t sums_f32x4(v128_t a, v128_t b, v128_t c, v128_t d) {
  const v128_t ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5);   // a0 b0 a1 b1
  const v128_t ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);  // a2 b2 a3 b3
  const v128_t cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5);
  const v128_t cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  const v128_t ab = wasm_f32x4_add(ab_low, ab_high);  // a0+a2 b0+b2 a1+a3 b1+b3
  const v128_t cd = wasm_f32x4_add(cd_low, cd_high);
  return wasm_f32x4_add(wasm_i32x4_shuffle(ab, cd, 0, 1, 4, 5),
                        wasm_i32x4_shuffle(ab, cd, 2, 3, 6, 7));
}

inline float max_f32x4(v128_t x) {
  const v128_t pairs = wasm_f32x4_pmax(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(
      wasm_f32x4_pmax(pairs, wasm_i32x4_shuffle(pairs, pairs, 1, 0, 3, 2)), 0);
}

// The larger magnitude in each lane, as an integer comparison: one instruction where that of floats
// takes eight, and NaN is larger than everything. `most` holds magnitudes already.
inline v128_t max_magnitude(v128_t most, v128_t x) {
  return wasm_i32x4_max(most, wasm_f32x4_abs(x));
}

// The largest of four magnitudes, NaN if there is one.
inline float largest_of_magnitudes(v128_t most) {
  const v128_t pairs = wasm_i32x4_max(most, wasm_i32x4_shuffle(most, most, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(
      wasm_i32x4_max(pairs, wasm_i32x4_shuffle(pairs, pairs, 1, 0, 3, 2)), 0);
}

}  // namespace sotto
