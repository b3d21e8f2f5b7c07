// Dot products of int8 with u7 by relaxed SIMD, in the two forms of dot_form.h.
//
// The specification leaves open what an operand with its eighth bit set means, and what becomes of
// a sum of two products that does not fit an i16, in either form:
// i32x4.relaxed_dot_i8x16_i7x16_add_s may be two steps with such sums between them, as on x86
// without VNNI. Neither occurs here:
//   - a u7 is 0 .. 127: activations of q8 moved from -63 .. 63 to 1 .. 127, or nibbles of q4;
//   - a pair of products is at most 2 * 128 * 127 = 32512 in magnitude, within i16;
//   - a block's sum is at most 32 * 128 * 127, far within i32, which every form wraps at.
// So every runtime gives the integer that both forms stand for, and they give the same one.
#pragma once

#include <wasm_simd128.h>

#include "kernels/linear/dot_form.h"

namespace sotto {

// sums[i] + the four products int8s[4 i + j] u7s[4 i + j], in i32. ones: 8 x i16.
template <DotForm kForm>
v128_t add_products(v128_t int8s, v128_t u7s, v128_t sums, v128_t ones) {
  if constexpr (kForm == DotForm::kQuads) {
    return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(int8s, u7s, sums);
  } else {
    const v128_t pairs = wasm_i16x8_relaxed_dot_i8x16_i7x16(int8s, u7s);
    return wasm_i32x4_add(sums, wasm_i32x4_dot_i16x8(pairs, ones));
  }
}

// The same over a block of q4 with nibbles as u7s: begin, add for each four columns, end. offset:
// what the sums are to begin with, i32. With nibbles even the 16 pairs of a block fit an i16, for
// they are at most 32 * 128 * 15 = 61440 over two lanes, 30720 in each: the form kPairs adds them
// up in i16 and widens once.
template <DotForm kForm>
v128_t begin_nibbles(v128_t offset) {
  return kForm == DotForm::kQuads ? offset : wasm_i16x8_const_splat(0);
}

template <DotForm kForm>
v128_t add_nibbles(v128_t int8s, v128_t nibbles, v128_t sums) {
  if constexpr (kForm == DotForm::kQuads) {
    return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(int8s, nibbles, sums);
  } else {
    return wasm_i16x8_add(sums, wasm_i16x8_relaxed_dot_i8x16_i7x16(int8s, nibbles));
  }
}

template <DotForm kForm>
v128_t end_nibbles(v128_t sums, v128_t offset, v128_t ones) {
  return kForm == DotForm::kQuads ? sums : wasm_i32x4_add(wasm_i32x4_dot_i16x8(sums, ones), offset);
}

}  // namespace sotto
