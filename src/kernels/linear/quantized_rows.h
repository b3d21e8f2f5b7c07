// Activations of a product with quantised weights: each block of 32 columns as integers and one
// scale.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensor/weight_type.h"

namespace sotto {

// How a kernel wants the integers, x[k] of each row. A layout with tiles takes so many rows
// together, and of each in turn four columns: a kernel that works on a tile reads one stream.
enum class RowLayout {
  kI16,        // int16 x[k]
  kI16Paired,  // int16, of each 8: x[0] x[2] x[4] x[6] x[1] x[3] x[5] x[7]
  kI16Tiles,   // int16 x[k] in tiles of 2 rows
  kI8,         // int8 x[k]
  kI8Tiles,    // int8 x[k] in tiles of 4 rows
  kU7,         // uint8 x[k] + kU7Zero
  kU7Tiles,    // uint8 x[k] + kU7Zero in tiles of 4 rows
};

constexpr size_t tile_rows(RowLayout layout) {
  switch (layout) {
    case RowLayout::kI16Tiles:
      return 2;
    case RowLayout::kI8Tiles:
    case RowLayout::kU7Tiles:
      return 4;
    default:
      return 1;
  }
}
constexpr size_t kMostTileRows = 4;

constexpr int kU7Zero = 64;

constexpr size_t element_bytes(RowLayout layout) {
  switch (layout) {
    case RowLayout::kI8:
    case RowLayout::kI8Tiles:
    case RowLayout::kU7:
    case RowLayout::kU7Tiles:
      return 1;
    default:
      return 2;
  }
}

// The largest integer of a product with weights of a type.
constexpr int most_activation(WeightType type) { return traits_of(type).most_activation; }

// Rows in tiles of T = tile_rows, the number of rows rounded up to whole tiles.
struct QuantizedRows {
  uint8_t* values;  // [n_tiles, 8 n_blocks, T, 4] elements of the layout; zeros beyond the columns
  float* scales;    // [n_tiles, n_blocks, T]
  int32_t* sums;    // [n_tiles, n_blocks, T] of the block's integers
  float* offsets;   // [n_tiles, n_blocks, T] f32(sum) * scale
  // [n_tiles, n_blocks, T, 2 halves, 2]: of each 16 columns the sums of those with k % 4 < 2, and
  // of the others, which is how pairs of bytes meet in the lanes of a dot product.
  int16_t* pair_sums;
  size_t n_blocks;
};

// Bytes of one tile's values.
constexpr size_t tile_bytes(RowLayout layout, size_t n_blocks) {
  return n_blocks * kBlockColumns * tile_rows(layout) * element_bytes(layout);
}

// Quantises row `row` of x: [n_rows, columns] in blocks: scale = largest magnitude / most, integer
// = nearest(x / scale), halves to even. What is not finite makes its block's scale not finite.
void quantize_row(const float* x, size_t row, size_t columns, int most, RowLayout layout,
                  const QuantizedRows& out);

}  // namespace sotto
