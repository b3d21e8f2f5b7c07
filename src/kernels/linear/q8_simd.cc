// Weights widened to i16 meet i16 activations in i32x4.dot_i16x8, which adds pairs of columns: four
// accumulators of two rows by two pairs each, folded once a block.
#include "kernels/linear/panel_kernel.h"

namespace sotto {
namespace {

void multiply_row(const PanelProduct& p, size_t m) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + m * tile_bytes(RowLayout::kI16, n_blocks);
  const float* const x_scales = p.x.scales + m * n_blocks;
  const uint8_t* block = p.panel;
  v128_t low = wasm_f32x4_const_splat(0);
  v128_t high = low;

  for (size_t b = 0; b < n_blocks; ++b, block += kQ8BlockBytes, x += 2 * kBlockColumns) {
    v128_t dots[4];
#pragma clang loop unroll(full)
    for (size_t group = 0; group < kBlockColumns / 4; ++group) {
      const uint8_t* const w = block + kBlockScaleBytes + 32 * group;
      const v128_t columns = wasm_v128_load64_splat(x + 8 * group);
#pragma clang loop unroll(full)
      for (size_t i = 0; i < 4; ++i) {
        const v128_t dot = wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(w + 8 * i), columns);
        dots[i] = group == 0 ? dot : wasm_i32x4_add(dots[i], dot);
      }
    }
    const v128_t x_scale = wasm_v128_load32_splat(x_scales + b);
    low = add_block(low, add_pairs_i32x4(dots[0], dots[1]), load_scales(block, fields, unit),
                    x_scale);
    high = add_block(high, add_pairs_i32x4(dots[2], dots[3]), load_scales(block + 8, fields, unit),
                     x_scale);
  }
  store_outputs(p, m, low, high);
}

}  // namespace

void q8_simd(const PanelProduct& product) {
  for (size_t m = 0; m < product.n_x_rows; ++m) multiply_row(product, m);
}

}  // namespace sotto
