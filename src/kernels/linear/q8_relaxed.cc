// int8 weights meet activations that were moved from -63 .. 63 to 1 .. 127 (relaxed_dot.h). What
// the move adds, 64 times the sum of a block's weights, is a second dot product, with 64s: where
// this form is in use it is one instruction. In the form kPairs, q8_simd is faster for one row.
#include "kernels/linear/panel_kernel.h"
#include "kernels/linear/relaxed_dot.h"

namespace sotto {
namespace {

void multiply_row(const PanelProduct& p, size_t m) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const v128_t ones = wasm_v128_load(kernel_constants->ones);
  const v128_t moves = wasm_v128_load(kernel_constants->u7_zeros);
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + m * tile_bytes(RowLayout::kU7, n_blocks);
  const float* const x_scales = p.x.scales + m * n_blocks;
  const uint8_t* block = p.panel;
  v128_t sums[2];
  sums[0] = sums[1] = wasm_f32x4_const_splat(0);

  for (size_t b = 0; b < n_blocks; ++b, block += kQ8BlockBytes, x += kBlockColumns) {
    v128_t dots[2];
    v128_t moved[2];
    dots[0] = dots[1] = moved[0] = moved[1] = wasm_i32x4_const_splat(0);
#pragma clang loop unroll(full)
    for (size_t group = 0; group < kBlockColumns / 4; ++group) {
      const v128_t columns = wasm_v128_load32_splat(x + 4 * group);
#pragma clang loop unroll(full)
      for (size_t half = 0; half < 2; ++half) {
        const v128_t w = wasm_v128_load(block + kBlockScaleBytes + 32 * group + 16 * half);
        dots[half] = add_products<DotForm::kQuads>(w, columns, dots[half], ones);
        moved[half] = add_products<DotForm::kQuads>(w, moves, moved[half], ones);
      }
    }
    const v128_t x_scale = wasm_v128_load32_splat(x_scales + b);
#pragma clang loop unroll(full)
    for (size_t half = 0; half < 2; ++half) {
      sums[half] = add_block(sums[half], wasm_i32x4_sub(dots[half], moved[half]),
                             load_scales(block + 8 * half, fields, unit), x_scale);
    }
  }
  store_outputs(p, m, sums[0], sums[1]);
}

}  // namespace

void q8_quads(const PanelProduct& product) {
  for (size_t m = 0; m < product.n_x_rows; ++m) multiply_row(product, m);
}

}  // namespace sotto
