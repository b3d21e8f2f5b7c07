// Products of quantised activations with one panel of quantised weights: what the kernels of
// kernels.inc have in common.
#pragma once

#include <wasm_simd128.h>

#include <cstddef>
#include <cstdint>

#include "kernels/linear/quantized_rows.h"

namespace sotto {

// y[m, n] = sum over blocks b of f32(sum over k in b of x[m, k] q[n, k]) * (d[n, b] * scale[m, b]),
// for m < n_x_rows and n < n_y: the inner sums are exact integers, and the outer one is added in
// ascending b. So every kernel of a weight type gives the same bits, for one row and for many. In
// K types b is a block of 32 columns, q carries its integer scale, and after each addition
// (dmin[n, b] * mn[n, b]) * (sum over k in b of x[m, k] * scale[m, b]) is taken off.
struct PanelProduct {
  const uint8_t* panel;  // x.n_blocks blocks, tensor/weight_type.h
  QuantizedRows x;       // in the kernel's layout
  size_t n_x_rows;
  float* y;          // the panel's part of row 0
  size_t y_stride;   // floats from one row to the next
  size_t n_y;        // rows of the panel that are the matrix's, 1 .. 8
  uint8_t* scratch;  // scratch_bytes(x.n_blocks), 16-byte aligned, of the calling thread
};

// What kernels may need to unpack a panel: of each block of 32 columns a byte for each weight, and
// three numbers for each row.
constexpr size_t scratch_bytes(size_t n_blocks) {
  return n_blocks * kPanelRows * (kBlockColumns + 3 * sizeof(float));
}

// Constants in memory. V8 makes a constant of the code anew at each use inside a loop, and keeps
// one that was loaded in a register; the pointer is volatile so that the compiler cannot see them.
struct alignas(16) KernelConstants {
  uint32_t f16_fields[4];  // where the sign and the other fields of an f16 lie once it is shifted
  float f16_unit[4];       // 2^112: what such an f32 has to be multiplied by
  int16_t ones[8];
  uint8_t low_nibbles[16];
  int16_t nibble_of_i16[8];
  uint8_t u7_zeros[16];  // what kU7 makes of 0
  uint8_t bits_0_1[16];
  uint8_t bits_2_3[16];
  uint8_t bits_2_4[16];
  uint8_t bits_4_5[16];
  uint8_t bits_0_4[16];
  uint8_t bits_0_5[16];
  uint16_t low_bytes[8];
  int16_t q6_k_zeros[8];  // minus what q6_k makes of 0
};
// NOLINTNEXTLINE(bugprone-dynamic-static-initializers): its initialiser is the address of a
// constant.
extern const KernelConstants* const volatile kernel_constants;

// Four of a block's f16 scales as f32, exactly (base/half.h). Scales are finite.
inline v128_t load_scales(const uint8_t* scales, v128_t f16_fields, v128_t f16_unit) {
  const v128_t shifted = wasm_i32x4_shl(wasm_i32x4_load16x4(scales), 13);
  return wasm_f32x4_mul(wasm_v128_and(shifted, f16_fields), f16_unit);
}

// sum + f32(products) * (weight_scales * x_scale): one block's share of four outputs.
inline v128_t add_block(v128_t sum, v128_t products, v128_t weight_scales, v128_t x_scale) {
  return wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(products),
                                            wasm_f32x4_mul(weight_scales, x_scale)));
}

// {low[0] + low[1], low[2] + low[3], high[0] + high[1], high[2] + high[3]}
inline v128_t add_pairs_i32x4(v128_t low, v128_t high) {
  return wasm_i32x4_add(wasm_i32x4_shuffle(low, high, 0, 2, 4, 6),
                        wasm_i32x4_shuffle(low, high, 1, 3, 5, 7));
}

// The eight outputs of row m, as many as are the matrix's.
inline void store_outputs(const PanelProduct& p, size_t m, v128_t low, v128_t high) {
  float* const y = p.y + m * p.y_stride;
  if (p.n_y == kPanelRows) {
    wasm_v128_store(y, low);
    wasm_v128_store(y + 4, high);
    return;
  }
  alignas(16) float outputs[kPanelRows];
  wasm_v128_store(outputs, low);
  wasm_v128_store(outputs + 4, high);
  for (size_t n = 0; n < p.n_y; ++n) y[n] = outputs[n];
}

}  // namespace sotto
