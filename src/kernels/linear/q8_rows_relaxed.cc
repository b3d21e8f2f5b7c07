// int8 weights meet activations that were moved from -63 .. 63 to 1 .. 127 (relaxed_dot.h). What
// the move adds, 64 times the sum of a block's weights, is computed once a panel and taken off all
// rows.
#include "kernels/linear/panel_kernel.h"
#include "kernels/linear/relaxed_dot.h"

namespace sotto {
namespace {

constexpr size_t kRows = tile_rows(RowLayout::kU7Tiles);

// The panel's scales as f32 and -64 times the sum of each row's weights: of one block.
struct BlockTerms {
  float scales[kPanelRows];
  int32_t offsets[kPanelRows];
};
static_assert(sizeof(BlockTerms) <= scratch_bytes(1));

// Adds up pairs of a block's weights, and then all of them, times -64.
struct OffsetSums {
  v128_t low = wasm_i16x8_const_splat(0);
  v128_t high = wasm_i16x8_const_splat(0);

  void add(v128_t low_weights, v128_t high_weights) {
    low = wasm_i16x8_add(low, wasm_i16x8_extadd_pairwise_i8x16(low_weights));
    high = wasm_i16x8_add(high, wasm_i16x8_extadd_pairwise_i8x16(high_weights));
  }
  void store(v128_t ones, int32_t* offsets) const {
    const auto offset = [ones](v128_t pairs) {
      return wasm_i32x4_neg(wasm_i32x4_shl(wasm_i32x4_dot_i16x8(pairs, ones), 6));
    };
    wasm_v128_store(offsets, offset(low));
    wasm_v128_store(offsets + 4, offset(high));
  }
};

// The first tile also computes the terms, on its one way through the weights: few rows would spend
// a way of their own on waiting for memory, and another one on the products.
template <DotForm kForm, bool kIsFirst>
void multiply_tile(const PanelProduct& p, BlockTerms* terms, size_t tile) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const v128_t ones = wasm_v128_load(kernel_constants->ones);
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + tile * tile_bytes(RowLayout::kU7Tiles, n_blocks);
  const float* x_scales = p.x.scales + tile * n_blocks * kRows;
  const uint8_t* w = p.panel;
  v128_t sums[kRows][2];
  for (auto& sum : sums) sum[0] = sum[1] = wasm_f32x4_const_splat(0);

  for (size_t b = 0; b < n_blocks; ++b, ++terms, x_scales += kRows) {
    OffsetSums offsets;
    v128_t dots[kRows][2];
    for (auto& dot : dots) {
      for (size_t half = 0; half < 2; ++half) {
        dot[half] =
            kIsFirst ? wasm_i32x4_const_splat(0) : wasm_v128_load(terms->offsets + 4 * half);
      }
    }
    if constexpr (kIsFirst) {
      wasm_v128_store(terms->scales, load_scales(w, fields, unit));
      wasm_v128_store(terms->scales + 4, load_scales(w + 8, fields, unit));
    }
    w += kBlockScaleBytes;
    // Not unrolled: the compiler would reorder it row by row, and keep all weights on the stack.
#pragma clang loop unroll(disable)
    for (size_t group = 0; group < kBlockColumns / 4; ++group, w += 32, x += 4 * kRows) {
      const v128_t low = wasm_v128_load(w);
      const v128_t high = wasm_v128_load(w + 16);
      if constexpr (kIsFirst) offsets.add(low, high);
#pragma clang loop unroll(full)
      for (size_t row = 0; row < kRows; ++row) {
        const v128_t columns = wasm_v128_load32_splat(x + 4 * row);
        dots[row][0] = add_products<kForm>(low, columns, dots[row][0], ones);
        dots[row][1] = add_products<kForm>(high, columns, dots[row][1], ones);
      }
    }
    if constexpr (kIsFirst) offsets.store(ones, terms->offsets);
#pragma clang loop unroll(full)
    for (size_t row = 0; row < kRows; ++row) {
      const v128_t x_scale = wasm_v128_load32_splat(x_scales + row);
      for (size_t half = 0; half < 2; ++half) {
        v128_t dot = dots[row][half];
        if constexpr (kIsFirst) {
          dot = wasm_i32x4_add(dot, wasm_v128_load(terms->offsets + 4 * half));
        }
        const v128_t scales = wasm_v128_load(terms->scales + 4 * half);
        sums[row][half] = add_block(sums[row][half], dot, scales, x_scale);
      }
    }
  }
  for (size_t row = 0; row < kRows && tile * kRows + row < p.n_x_rows; ++row) {
    store_outputs(p, tile * kRows + row, sums[row][0], sums[row][1]);
  }
}

template <DotForm kForm>
void multiply_rows(const PanelProduct& product) {
  auto* const terms = reinterpret_cast<BlockTerms*>(product.scratch);
  multiply_tile<kForm, true>(product, terms, 0);
  for (size_t tile = 1; tile * kRows < product.n_x_rows; ++tile) {
    multiply_tile<kForm, false>(product, terms, tile);
  }
}

}  // namespace

void q8_rows_pairs(const PanelProduct& product) { multiply_rows<DotForm::kPairs>(product); }
void q8_rows_quads(const PanelProduct& product) { multiply_rows<DotForm::kQuads>(product); }

}  // namespace sotto
