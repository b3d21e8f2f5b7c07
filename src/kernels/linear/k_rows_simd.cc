// Products of K types with many rows of x: the panel is unpacked to signed bytes once, and then a
// weight is loaded and widened once for the rows of a tile.
#include "kernels/linear/k_unpack.h"
#include "kernels/linear/panel_kernel.h"

namespace sotto {
namespace {

constexpr size_t kRows = tile_rows(RowLayout::kI16Tiles);

// The products of as many columns as share a scale with the rows of a tile, times their scales.
template <typename Blocks>
void dot_tile(const uint8_t* weights, const uint8_t* scales, const uint8_t* x,
              v128_t (*products)[2]) {
  v128_t dots[kRows][4];
  for (auto& row : dots) row[0] = row[1] = row[2] = row[3] = wasm_i32x4_const_splat(0);
  // Not unrolled: the compiler would reorder it row by row, and keep all weights on the stack.
#pragma clang loop unroll(disable)
  for (size_t group = 0; group < kScaleColumns<Blocks> / 4; ++group, weights += 32) {
    v128_t wide[4];
    for (size_t i = 0; i < 4; ++i) wide[i] = wasm_i16x8_load8x8(weights + 8 * i);
#pragma clang loop unroll(full)
    for (size_t row = 0; row < kRows; ++row, x += 8) {
      const v128_t columns = wasm_v128_load64_splat(x);
#pragma clang loop unroll(full)
      for (size_t i = 0; i < 4; ++i) {
        dots[row][i] = wasm_i32x4_add(dots[row][i], wasm_i32x4_dot_i16x8(wide[i], columns));
      }
    }
  }
#pragma clang loop unroll(full)
  for (size_t row = 0; row < kRows; ++row) {
    for (size_t quad = 0; quad < 2; ++quad) {
      const v128_t sums = add_pairs_i32x4(dots[row][2 * quad], dots[row][2 * quad + 1]);
      products[row][quad] = wasm_i32x4_mul(sums, wasm_v128_load(scales + 16 * quad));
    }
  }
}

template <typename Blocks>
void multiply_tile(const PanelProduct& p, size_t tile) {
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + tile * tile_bytes(RowLayout::kI16Tiles, n_blocks);
  const float* x_scales = p.x.scales + tile * n_blocks * kRows;
  const float* x_offsets = p.x.offsets + tile * n_blocks * kRows;
  const uint8_t* block = p.scratch;
  v128_t y[kRows][2];
  for (auto& row : y) row[0] = row[1] = wasm_f32x4_const_splat(0);

  for (size_t n = 0; n < n_blocks; n += kKBlocks) {
    const uint8_t* const d = block;
    block += kUnpackedHeadBytes;
#pragma clang loop unroll(disable)
    for (size_t b = 0; b < kKBlocks; ++b) {
      const uint8_t* const weights = block + kUnpackedWeights<Blocks>;
      v128_t products[kRows][2];
      dot_tile<Blocks>(weights, block, x, products);
      if constexpr (kScaleColumns<Blocks> == 16) {
        v128_t others[kRows][2];
        dot_tile<Blocks>(weights + 128, block + 32, x + tile_bytes(RowLayout::kI16Tiles, 1) / 2,
                         others);
        for (size_t row = 0; row < kRows; ++row) {
          products[row][0] = wasm_i32x4_add(products[row][0], others[row][0]);
          products[row][1] = wasm_i32x4_add(products[row][1], others[row][1]);
        }
      }
#pragma clang loop unroll(full)
      for (size_t row = 0; row < kRows; ++row) {
        add_k_block<Blocks>(products[row], d, block, x_scales + row, x_offsets + row, y[row]);
      }
      block += kUnpackedBytes<Blocks>;
      x += tile_bytes(RowLayout::kI16Tiles, 1);
      x_scales += kRows;
      x_offsets += kRows;
    }
  }
  for (size_t row = 0; row < kRows && tile * kRows + row < p.n_x_rows; ++row) {
    store_outputs(p, tile * kRows + row, y[row][0], y[row][1]);
  }
}

template <typename Blocks>
void multiply_rows(const PanelProduct& product) {
  unpack_k_panel<Blocks, DotForm::kAny>(product, Blocks::kZero);
  for (size_t tile = 0; tile * kRows < product.n_x_rows; ++tile) {
    multiply_tile<Blocks>(product, tile);
  }
}

}  // namespace

void q4_k_rows_simd(const PanelProduct& product) { multiply_rows<Q4KBlocks>(product); }
void q5_k_rows_simd(const PanelProduct& product) { multiply_rows<Q5KBlocks>(product); }
void q6_k_rows_simd(const PanelProduct& product) { multiply_rows<Q6KBlocks>(product); }

}  // namespace sotto
