// i16x8.relaxed_dot_i8x16_i7x16 multiplies int8 activations by nibbles. It is exact whatever the
// processor makes of its freedoms: a nibble has no sign bit, and the sum of a block's 16 pairs of
// products is at most 32 * 127 * 15 = 60960 over two i16 lanes, 30480 in each, within i16. So a
// block is added up in i16 and widened once. The 8 that was added to each weight leaves by 8 times
// the activations' sum.
#include "kernels/linear/panel_kernel.h"

namespace sotto {
namespace {

void multiply_row(const PanelProduct& p, size_t m) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const v128_t ones = wasm_v128_load(kernel_constants->ones);
  const v128_t mask = wasm_v128_load(kernel_constants->low_nibbles);
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + m * n_blocks * kBlockColumns;
  const float* const x_scales = p.x.scales + m * n_blocks;
  const int32_t* const x_sums = p.x.sums + m * n_blocks;
  const uint8_t* block = p.panel;
  v128_t low_sum = wasm_f32x4_const_splat(0);
  v128_t high_sum = low_sum;

  for (size_t b = 0; b < n_blocks; ++b, block += kQ4BlockBytes, x += kBlockColumns) {
    v128_t low_pairs;
    v128_t high_pairs;
#pragma clang loop unroll(full)
    for (size_t group = 0; group < kBlockColumns / 8; ++group) {
      const uint8_t* const w = block + kBlockScaleBytes + 32 * group;
      const v128_t low = wasm_v128_load(w);
      const v128_t high = wasm_v128_load(w + 16);
      const v128_t first = wasm_v128_load32_splat(x + 8 * group);
      const v128_t second = wasm_v128_load32_splat(x + 8 * group + 4);
      const auto dot = [&](v128_t nibbles) {
        return wasm_i16x8_add(
            wasm_i16x8_relaxed_dot_i8x16_i7x16(first, wasm_v128_and(nibbles, mask)),
            wasm_i16x8_relaxed_dot_i8x16_i7x16(second,
                                               wasm_v128_and(wasm_u16x8_shr(nibbles, 4), mask)));
      };
      low_pairs = group == 0 ? dot(low) : wasm_i16x8_add(low_pairs, dot(low));
      high_pairs = group == 0 ? dot(high) : wasm_i16x8_add(high_pairs, dot(high));
    }
    const v128_t offset = wasm_i32x4_splat(-8 * x_sums[b]);
    const v128_t x_scale = wasm_v128_load32_splat(x_scales + b);
    low_sum = add_block(low_sum, wasm_i32x4_add(wasm_i32x4_dot_i16x8(low_pairs, ones), offset),
                        load_scales(block, fields, unit), x_scale);
    high_sum = add_block(high_sum, wasm_i32x4_add(wasm_i32x4_dot_i16x8(high_pairs, ones), offset),
                         load_scales(block + 8, fields, unit), x_scale);
  }
  store_outputs(p, m, low_sum, high_sum);
}

}  // namespace

void q4_relaxed(const PanelProduct& product) {
  for (size_t m = 0; m < product.n_x_rows; ++m) multiply_row(product, m);
}

}  // namespace sotto
