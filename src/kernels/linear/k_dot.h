// Dot products of groups of weights (k_blocks.h) with activations, times the weights' integer
// scales: in plain SIMD (kAny) and in both forms of relaxed SIMD.
//
// All are exact. A group is at most 63, so a u7, and activations are -127 .. 127: a pair of
// products is at most 2 * 63 * 127 = 16002, within i16 (relaxed_dot.h). The form kPairs adds pairs
// up in i16, for so many columns that they fit: kPairColumns. Those of q6_k need not fit on the
// way: they begin with -32 times the lane's activations, and i16 sums wrap around, in WebAssembly
// by definition; the 8 products of (q - 32) and an activation that a lane ends with are at most 8 *
// 32 * 127 = 32512. Times their scales, 32 columns are at most 32 * 63 * 31 * 127 in q5_k and 128 *
// 32 * 32 * 127 in q6_k, both less than 2^24: as f32 they are exact, too.
#pragma once

#include <wasm_simd128.h>

#include "kernels/linear/dot_form.h"
#include "kernels/linear/k_blocks.h"
#ifdef __wasm_relaxed_simd__
#include "kernels/linear/relaxed_dot.h"
#endif

namespace sotto {

// The layout of x for one row.
template <DotForm kForm>
constexpr RowLayout kKLayout = kForm == DotForm::kAny ? RowLayout::kI16Paired : RowLayout::kI8;

// Columns whose products are added up before their scale comes in.
template <typename Blocks, DotForm kForm>
constexpr size_t kSumColumns =
    kForm == DotForm::kPairs ? Blocks::kPairColumns : kScaleColumns<Blocks>;

// Constants in registers.
template <typename Blocks, DotForm kForm>
struct KDot {
  v128_t mask;  // of kAny: what brings a lane's first column to the front
  v128_t zeros;

  KDot() {
    if constexpr (kForm == DotForm::kAny) {
      constexpr bool kIsQ4 = Blocks::kType == WeightType::kQ4K;
      mask = kIsQ4 ? wasm_v128_load(kernel_constants->nibble_of_i16)
                   : wasm_v128_load(kernel_constants->low_bytes);
    }
    if constexpr (Blocks::kZero != 0) zeros = wasm_v128_load(kernel_constants->q6_k_zeros);
  }

  // What the sum over 16 columns begins with; over 32 where kZero is 0.
  v128_t begin(const int16_t* pair_sums) const {
    if constexpr (Blocks::kZero == 0) return wasm_i32x4_const_splat(0);
    const v128_t sums = wasm_v128_load32_splat(pair_sums);
    return kForm == DotForm::kPairs ? wasm_i16x8_mul(sums, zeros)
                                    : wasm_i32x4_dot_i16x8(sums, zeros);
  }

  // Four columns of one row of x, in every lane.
  struct Columns {
    v128_t first;
    v128_t second;  // of kAny: columns 1 and 3, the others are in first
  };
  // Of the group `i` of 16 columns. x: their first
  static Columns load(const uint8_t* x, size_t i) {
    if constexpr (kForm == DotForm::kAny) {
      const uint8_t* const at = x + 16 * (i / 2) + 4 * (i % 2);
      return {wasm_v128_load32_splat(at), wasm_v128_load32_splat(at + 8)};
    } else {
      return {wasm_v128_load32_splat(x + 4 * i), {}};
    }
  }

  v128_t add(v128_t sums, v128_t weights, const Columns& x) const {
    if constexpr (kForm == DotForm::kAny) {
      const v128_t even = wasm_i32x4_dot_i16x8(wasm_v128_and(weights, mask), x.first);
      const v128_t odd = wasm_i32x4_dot_i16x8(wasm_u16x8_shr(weights, 8), x.second);
      return wasm_i32x4_add(sums, wasm_i32x4_add(even, odd));
    } else {
#ifdef __wasm_relaxed_simd__
      return add_nibbles<kForm>(x.first, weights, sums);
#endif
    }
  }

  // Eight scales, in the lanes in which end() wants those of rows 0 .. 3, and 4 .. 7.
  static void load_scales(const uint8_t* in, v128_t* scales) {
    const v128_t all = wasm_i16x8_load8x8(in);
    if constexpr (kForm == DotForm::kPairs) {
      scales[0] = wasm_i16x8_shuffle(all, all, 0, 0, 1, 1, 2, 2, 3, 3);
      scales[1] = wasm_i16x8_shuffle(all, all, 4, 4, 5, 5, 6, 6, 7, 7);
    } else {
      scales[0] = wasm_i32x4_extend_low_i16x8(all);
      scales[1] = wasm_i32x4_extend_high_i16x8(all);
    }
  }

  static v128_t end(v128_t sums, v128_t scales) {
    return kForm == DotForm::kPairs ? wasm_i32x4_dot_i16x8(sums, scales)
                                    : wasm_i32x4_mul(sums, scales);
  }
};

// The minima of rows 0 .. 3 and 4 .. 7 as f32. They are below 128, and are read as signed because
// the conversion of what may be negative is one instruction, and of what may not be ten.
inline void load_minima(const uint8_t* in, v128_t* minima) {
  const v128_t all = wasm_i16x8_load8x8(in);
  minima[0] = wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(all));
  minima[1] = wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(all));
}

}  // namespace sotto
