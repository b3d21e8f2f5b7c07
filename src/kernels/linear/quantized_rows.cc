#include "kernels/linear/quantized_rows.h"

#include <wasm_simd128.h>

#include <algorithm>

#include "base/math.h"
#include "kernels/integer_scale.h"

namespace sotto {
namespace {

struct Block {
  v128_t values[4];  // int16, 8 each
  float scale;
  int32_t sum;
  v128_t pair_sums;  // int16, 4
};

Block quantize_block(const float* x, float most) {
  const auto [scale, inverse] = integer_scale(largest_magnitude(x, kBlockColumns), most);
  const v128_t inverses = wasm_f32x4_splat(inverse);
  const auto four = [&](size_t k) {
    return round_to_i32x4(wasm_f32x4_mul(wasm_v128_load(x + k), inverses));
  };
  Block block;
  block.scale = scale;
  for (size_t i = 0; i < 4; ++i) {
    block.values[i] = wasm_i16x8_narrow_i32x4(four(8 * i), four(8 * i + 4));
  }
  // Of columns 0 1, 2 3, 4 5 and 6 7, counted from the last multiple of 8.
  const auto half = [&](size_t i) {
    return wasm_i32x4_extadd_pairwise_i16x8(
        wasm_i16x8_add(block.values[2 * i], block.values[2 * i + 1]));
  };
  const v128_t first = half(0);
  const v128_t last = half(1);
  const v128_t pairs = wasm_i32x4_add(wasm_i32x4_shuffle(first, last, 0, 1, 4, 5),
                                      wasm_i32x4_shuffle(first, last, 2, 3, 6, 7));
  block.pair_sums = wasm_i16x8_narrow_i32x4(pairs, pairs);
  block.sum = wasm_i32x4_extract_lane(pairs, 0) + wasm_i32x4_extract_lane(pairs, 1) +
              wasm_i32x4_extract_lane(pairs, 2) + wasm_i32x4_extract_lane(pairs, 3);
  return block;
}

// A block of fewer columns, zeros behind them.
Block quantize_last_block(const float* x, size_t columns, int most) {
  float padded[kBlockColumns] = {};
  std::copy(x, x + columns, padded);
  return quantize_block(padded, static_cast<float>(most));
}

// Sixteen bytes of one row of a tile as groups of four columns, `step` bytes from one to the next.
void store_groups_i16(v128_t values, size_t step, uint8_t* out) {
  wasm_v128_store64_lane(out, values, 0);
  wasm_v128_store64_lane(out + step, values, 1);
}
void store_groups_i8(v128_t values, size_t step, uint8_t* out) {
  wasm_v128_store32_lane(out, values, 0);
  wasm_v128_store32_lane(out + step, values, 1);
  wasm_v128_store32_lane(out + 2 * step, values, 2);
  wasm_v128_store32_lane(out + 3 * step, values, 3);
}

void store_block(const Block& block, RowLayout layout, uint8_t* out) {
  const v128_t* const v = block.values;
  const size_t step = 4 * element_bytes(layout) * tile_rows(layout);
  switch (layout) {
    case RowLayout::kI16:
    case RowLayout::kI16Tiles:
      for (size_t i = 0; i < 4; ++i) store_groups_i16(v[i], step, out + 2 * i * step);
      return;
    case RowLayout::kI16Paired:
      for (size_t i = 0; i < 4; ++i) {
        wasm_v128_store(out + 16 * i, wasm_i16x8_shuffle(v[i], v[i], 0, 2, 4, 6, 1, 3, 5, 7));
      }
      return;
    case RowLayout::kI8:
    case RowLayout::kI8Tiles:
    case RowLayout::kU7:
    case RowLayout::kU7Tiles: {
      const bool is_moved = layout == RowLayout::kU7 || layout == RowLayout::kU7Tiles;
      const v128_t offset = wasm_i8x16_splat(is_moved ? kU7Zero : 0);
      for (size_t i = 0; i < 2; ++i) {
        const v128_t bytes =
            wasm_i8x16_add(wasm_i8x16_narrow_i16x8(v[2 * i], v[2 * i + 1]), offset);
        store_groups_i8(bytes, step, out + 4 * i * step);
      }
      return;
    }
  }
}

}  // namespace

void quantize_row(const float* x, size_t row, size_t columns, int most, RowLayout layout,
                  const QuantizedRows& out) {
  const size_t n_rows = tile_rows(layout);
  const size_t tile = row / n_rows;
  const size_t lane = row % n_rows;
  const size_t block_step = tile_bytes(layout, 1);
  uint8_t* values =
      out.values + tile * tile_bytes(layout, out.n_blocks) + lane * 4 * element_bytes(layout);
  x += row * columns;
  for (size_t i = 0; i < out.n_blocks; ++i, values += block_step) {
    const size_t begin = i * kBlockColumns;
    const Block block = columns - begin < kBlockColumns
                            ? quantize_last_block(x + begin, columns - begin, most)
                            : quantize_block(x + begin, static_cast<float>(most));
    store_block(block, layout, values);
    const size_t index = (tile * out.n_blocks + i) * n_rows + lane;
    out.scales[index] = block.scale;
    out.sums[index] = block.sum;
    out.offsets[index] = static_cast<float>(block.sum) * block.scale;
    wasm_v128_store64_lane(out.pair_sums + 4 * index, block.pair_sums, 0);
  }
}

}  // namespace sotto
