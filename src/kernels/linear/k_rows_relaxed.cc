// Products of K types with many rows of x.
#include "kernels/linear/k_unpack.h"
#include "kernels/linear/panel_kernel.h"

namespace sotto {
namespace {

constexpr size_t kRows = tile_rows(RowLayout::kI8Tiles);

// The products of `kColumns` columns with the rows of a tile, times the weights' scales.
template <size_t kColumns, typename Blocks, DotForm kForm>
void dot_tile(const uint8_t* weights, const uint8_t* scales, const uint8_t* x,
              const int16_t* pair_sums, const KDot<Blocks, kForm>& dot, v128_t (*products)[2]) {
  v128_t sums[kRows][2];
  for (size_t row = 0; row < kRows; ++row) {
    sums[row][0] = sums[row][1] = dot.begin(pair_sums + 4 * row);
  }
  // Not unrolled: the compiler would reorder it row by row, and keep all weights on the stack.
#pragma clang loop unroll(disable)
  for (size_t group = 0; group < kColumns / 4; ++group, weights += 32, x += 4 * kRows) {
    const v128_t low = wasm_v128_load(weights);
    const v128_t high = wasm_v128_load(weights + 16);
#pragma clang loop unroll(full)
    for (size_t row = 0; row < kRows; ++row) {
      const auto columns = dot.load(x, row);
      sums[row][0] = dot.add(sums[row][0], low, columns);
      sums[row][1] = dot.add(sums[row][1], high, columns);
    }
  }
#pragma clang loop unroll(full)
  for (size_t row = 0; row < kRows; ++row) {
    for (size_t quad = 0; quad < 2; ++quad) {
      products[row][quad] = dot.end(sums[row][quad], wasm_v128_load(scales + 16 * quad));
    }
  }
}

// The products of a block of 32 columns with a tile.
template <typename Blocks, DotForm kForm>
void dot_k_tile(const uint8_t* block, const uint8_t* x, const int16_t* pair_sums,
                const KDot<Blocks, kForm>& dot, v128_t (*products)[2]) {
  constexpr size_t kColumns = kSumColumns<Blocks, kForm>;
  const uint8_t* const weights = block + kUnpackedWeights<Blocks>;
  dot_tile<kColumns>(weights, block, x, pair_sums, dot, products);
  if constexpr (kColumns == 16) {
    v128_t others[kRows][2];
    const uint8_t* const scales = block + (kScaleColumns<Blocks> == 16 ? 32 : 0);
    dot_tile<kColumns>(weights + 128, scales, x + 16 * kRows, pair_sums + 2, dot, others);
    for (size_t row = 0; row < kRows; ++row) {
      for (size_t quad = 0; quad < 2; ++quad) {
        products[row][quad] = wasm_i32x4_add(products[row][quad], others[row][quad]);
      }
    }
  }
}

template <typename Blocks, DotForm kForm>
void multiply_tile(const PanelProduct& p, size_t tile) {
  const KDot<Blocks, kForm> dot;
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + tile * tile_bytes(RowLayout::kI8Tiles, n_blocks);
  const float* x_scales = p.x.scales + tile * n_blocks * kRows;
  const float* x_offsets = p.x.offsets + tile * n_blocks * kRows;
  const int16_t* pair_sums = p.x.pair_sums + tile * n_blocks * kRows * 4;
  const uint8_t* block = p.scratch;
  v128_t y[kRows][2];
  for (auto& row : y) row[0] = row[1] = wasm_f32x4_const_splat(0);

  for (size_t n = 0; n < n_blocks; n += kKBlocks) {
    const uint8_t* const d = block;
    block += kUnpackedHeadBytes;
#pragma clang loop unroll(disable)
    for (size_t b = 0; b < kKBlocks; ++b) {
      v128_t products[kRows][2];
      dot_k_tile(block, x, pair_sums, dot, products);
#pragma clang loop unroll(full)
      for (size_t row = 0; row < kRows; ++row) {
        add_k_block<Blocks>(products[row], d, block, x_scales + row, x_offsets + row, y[row]);
      }
      block += kUnpackedBytes<Blocks>;
      x += tile_bytes(RowLayout::kI8Tiles, 1);
      x_scales += kRows;
      x_offsets += kRows;
      pair_sums += 4 * kRows;
    }
  }
  for (size_t row = 0; row < kRows && tile * kRows + row < p.n_x_rows; ++row) {
    store_outputs(p, tile * kRows + row, y[row][0], y[row][1]);
  }
}

template <typename Blocks, DotForm kForm>
void multiply_rows(const PanelProduct& product) {
  unpack_k_panel<Blocks, kForm>(product, 0);
  for (size_t tile = 0; tile * kRows < product.n_x_rows; ++tile) {
    multiply_tile<Blocks, kForm>(product, tile);
  }
}

}  // namespace

void q4_k_rows_pairs(const PanelProduct& p) { multiply_rows<Q4KBlocks, DotForm::kPairs>(p); }
void q5_k_rows_pairs(const PanelProduct& p) { multiply_rows<Q5KBlocks, DotForm::kPairs>(p); }
void q6_k_rows_pairs(const PanelProduct& p) { multiply_rows<Q6KBlocks, DotForm::kPairs>(p); }

void q4_k_rows_quads(const PanelProduct& p) { multiply_rows<Q4KBlocks, DotForm::kQuads>(p); }
void q5_k_rows_quads(const PanelProduct& p) { multiply_rows<Q5KBlocks, DotForm::kQuads>(p); }
void q6_k_rows_quads(const PanelProduct& p) { multiply_rows<Q6KBlocks, DotForm::kQuads>(p); }

}  // namespace sotto
