// Each i16 of a block holds the nibbles of four columns of one row: c + 0 and c + 4 in its lower
// byte, c + 1 and c + 5 in its upper one (or c + 2, c + 6 and c + 3, c + 7). Shifts and masks bring
// one column of all lanes to the front, and i32x4.dot_i16x8 multiplies them by the activations,
// which come in that order. The 8 that was added to each weight leaves by 8 times their sum.
#include "kernels/linear/panel_kernel.h"

namespace sotto {
namespace {

// The dot products of 16 bytes (4 rows x 8 columns) with the eight activations x: columns 0 2, 4 6,
// 1 3 and 5 7, each splat as a pair.
v128_t dot_nibbles(v128_t weights, v128_t mask, const v128_t* x) {
  const v128_t c0 = wasm_i32x4_dot_i16x8(wasm_v128_and(weights, mask), x[0]);
  const v128_t c4 = wasm_i32x4_dot_i16x8(wasm_v128_and(wasm_u16x8_shr(weights, 4), mask), x[1]);
  const v128_t c1 = wasm_i32x4_dot_i16x8(wasm_v128_and(wasm_u16x8_shr(weights, 8), mask), x[2]);
  const v128_t c5 = wasm_i32x4_dot_i16x8(wasm_u16x8_shr(weights, 12), x[3]);
  return wasm_i32x4_add(wasm_i32x4_add(c0, c4), wasm_i32x4_add(c1, c5));
}

void multiply_row(const PanelProduct& p, size_t m) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const v128_t mask = wasm_v128_load(kernel_constants->nibble_of_i16);
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + m * n_blocks * kBlockColumns * 2;
  const float* const x_scales = p.x.scales + m * n_blocks;
  const int32_t* const x_sums = p.x.sums + m * n_blocks;
  const uint8_t* block = p.panel;
  v128_t low = wasm_f32x4_const_splat(0);
  v128_t high = low;

  for (size_t b = 0; b < n_blocks; ++b, block += kQ4BlockBytes, x += kBlockColumns * 2) {
    v128_t low_dots = wasm_i32x4_splat(-8 * x_sums[b]);
    v128_t high_dots = low_dots;
#pragma clang loop unroll(full)
    for (size_t group = 0; group < kBlockColumns / 8; ++group) {
      const uint8_t* const w = block + kBlockScaleBytes + 32 * group;
      const uint8_t* const columns = x + 16 * group;
      const v128_t pairs[4] = {wasm_v128_load32_splat(columns), wasm_v128_load32_splat(columns + 4),
                               wasm_v128_load32_splat(columns + 8),
                               wasm_v128_load32_splat(columns + 12)};
      low_dots = wasm_i32x4_add(low_dots, dot_nibbles(wasm_v128_load(w), mask, pairs));
      high_dots = wasm_i32x4_add(high_dots, dot_nibbles(wasm_v128_load(w + 16), mask, pairs));
    }
    const v128_t x_scale = wasm_v128_load32_splat(x_scales + b);
    low = add_block(low, low_dots, load_scales(block, fields, unit), x_scale);
    high = add_block(high, high_dots, load_scales(block + 8, fields, unit), x_scale);
  }
  store_outputs(p, m, low, high);
}

}  // namespace

void q4_simd(const PanelProduct& product) {
  for (size_t m = 0; m < product.n_x_rows; ++m) multiply_row(product, m);
}

}  // namespace sotto
