// As q8_simd, for tiles of two rows of x: a weight is loaded and widened once for both.
#include "kernels/linear/panel_kernel.h"

namespace sotto {
namespace {

constexpr size_t kRows = tile_rows(RowLayout::kI16Tiles);

void multiply_tile(const PanelProduct& p, size_t tile) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + tile * tile_bytes(RowLayout::kI16Tiles, n_blocks);
  const float* x_scales = p.x.scales + tile * n_blocks * kRows;
  const uint8_t* block = p.panel;
  v128_t sums[kRows][2];
  for (auto& sum : sums) sum[0] = sum[1] = wasm_f32x4_const_splat(0);

  for (size_t b = 0; b < n_blocks; ++b, x_scales += kRows) {
    const v128_t scales[2] = {load_scales(block, fields, unit),
                              load_scales(block + 8, fields, unit)};
    block += kBlockScaleBytes;
    v128_t dots[kRows][4];
    for (auto& row : dots) row[0] = row[1] = row[2] = row[3] = wasm_i32x4_const_splat(0);
    // Not unrolled: the compiler would reorder it row by row, and keep all weights on the stack.
#pragma clang loop unroll(disable)
    for (size_t group = 0; group < kBlockColumns / 4; ++group, block += 32, x += 8 * kRows) {
      v128_t weights[4];
      for (size_t i = 0; i < 4; ++i) weights[i] = wasm_i16x8_load8x8(block + 8 * i);
#pragma clang loop unroll(full)
      for (size_t row = 0; row < kRows; ++row) {
        const v128_t columns = wasm_v128_load64_splat(x + 8 * row);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < 4; ++i) {
          dots[row][i] = wasm_i32x4_add(dots[row][i], wasm_i32x4_dot_i16x8(weights[i], columns));
        }
      }
    }
#pragma clang loop unroll(full)
    for (size_t row = 0; row < kRows; ++row) {
      const v128_t x_scale = wasm_v128_load32_splat(x_scales + row);
      sums[row][0] =
          add_block(sums[row][0], add_pairs_i32x4(dots[row][0], dots[row][1]), scales[0], x_scale);
      sums[row][1] =
          add_block(sums[row][1], add_pairs_i32x4(dots[row][2], dots[row][3]), scales[1], x_scale);
    }
  }
  for (size_t row = 0; row < kRows && tile * kRows + row < p.n_x_rows; ++row) {
    store_outputs(p, tile * kRows + row, sums[row][0], sums[row][1]);
  }
}

}  // namespace

void q8_rows_simd(const PanelProduct& product) {
  for (size_t tile = 0; tile * kRows < product.n_x_rows; ++tile) multiply_tile(product, tile);
}

}  // namespace sotto
