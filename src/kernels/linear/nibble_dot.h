// Nibbles as q4 and q4_k hold them, in plain SIMD.
#pragma once

#include <wasm_simd128.h>

#include <cstdint>

namespace sotto {

// Eight activations of the layout kI16Paired, each two in every lane: columns 0 2, 4 6, 1 3, 5 7.
struct PairedColumns {
  v128_t pairs[4];

  explicit PairedColumns(const uint8_t* x)
      : pairs{wasm_v128_load32_splat(x), wasm_v128_load32_splat(x + 4),
              wasm_v128_load32_splat(x + 8), wasm_v128_load32_splat(x + 12)} {}
};

// Their dot products with 16 bytes of 4 rows x 8 columns. Each i16 holds the nibbles of four
// columns of one row: c + 0 and c + 4 in its lower byte, c + 1 and c + 5 in its upper one (or c +
// 2, c + 6 and c + 3, c + 7). Shifts and masks bring one column of all lanes to the front. mask: 15
// in every i16.
inline v128_t dot_nibbles(v128_t weights, v128_t mask, const PairedColumns& x) {
  const auto& p = x.pairs;
  const v128_t c0 = wasm_i32x4_dot_i16x8(wasm_v128_and(weights, mask), p[0]);
  const v128_t c4 = wasm_i32x4_dot_i16x8(wasm_v128_and(wasm_u16x8_shr(weights, 4), mask), p[1]);
  const v128_t c1 = wasm_i32x4_dot_i16x8(wasm_v128_and(wasm_u16x8_shr(weights, 8), mask), p[2]);
  const v128_t c5 = wasm_i32x4_dot_i16x8(wasm_u16x8_shr(weights, 12), p[3]);
  return wasm_i32x4_add(wasm_i32x4_add(c0, c4), wasm_i32x4_add(c1, c5));
}

}  // namespace sotto
