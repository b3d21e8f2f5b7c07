// Types of weights in memory, and the block formats of the quantised ones.
//
// q8 and q4 hold the values of GGUF's Q8_0 and Q4_0: each 32 columns of a row are a block with one
// f16 scale d; a weight is d * q with q in -128 .. 127, or d * (q - 8) with q in 0 .. 15. They lie
// in panels of 8 rows, so that a product reads one stream of memory from beginning to end:
//
//   panel = its blocks of 8 rows x 32 columns, one after the other in ascending columns
//   block = 8 f16 scales, of rows 0 .. 7, then its weights:
//     q8  8 groups of 4 columns c .. c + 3, each 32 bytes: byte 4 row + i is column c + i
//     q4  4 groups of 8 columns c .. c + 7, each 32 bytes: byte 4 row + i is column c + i in its
//         low half, and column c + 4 + i in its high half
//
//
// q4_k, q5_k and q6_k hold the values of GGUF's K types: a block is 256 columns, with f16 scales of
// its own for 8 blocks of 32 columns with integers for scales.
//
//   block = 8 f16 scales d of rows 0 .. 7; in q4_k and q5_k 8 f16 dmin; then its 8 blocks of 32
//   block of 32 = 16 bytes of scales, then its weights
//     q4_k, q5_k  8 scales sc, then 8 minima mn, of rows 0 .. 7, each 0 .. 63; a weight is
//                 (d * sc) * q - (dmin * mn) with q in 0 .. 15 or 0 .. 31
//     q6_k        8 scales of the first 16 columns, then 8 of the last, each -128 .. 127; a weight
//                 is (d * scale) * (q - 32) with q in 0 .. 63
//
// A group is 4 columns of 4 rows: 16 q, the one of row r and column i at 4 (r % 4) + i. With
// g0 .. g3 as the groups of 16 columns of rows 0 .. 3 or 4 .. 7, byte by byte:
//
//   q4_k  as q4: g0 | g1 << 4 of rows 0 .. 3, then of 4 .. 7, then g2 | g3 << 4 likewise
//   q5_k  of the first 16 columns, then of the last: rows 0 .. 3, then 4 .. 7, 32 bytes each,
//         g0 | g1 >> 2 << 5 and g2 | g3 >> 2 << 5; then what is left of the g1 and g3 of rows
//         0 .. 3 and those of 4 .. 7, two bits each, from the lowest bits upwards
//   q6_k  16 columns after the others, of them rows 0 .. 3, then 4 .. 7, 48 bytes each:
//         g0 | g3 >> 4 << 6, g1 | (g3 >> 2 & 3) << 6, g2 | (g3 & 3) << 6
//
// Rows beyond the matrix's last and columns beyond its last weigh 0.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

namespace sotto {

enum class WeightType {
#define SOTTO_WEIGHT_TYPE(enumerator, ...) enumerator,
#include "tensor/weight_types.inc"
#undef SOTTO_WEIGHT_TYPE
};

// A row of the table; 0 where it says nothing of the type.
struct WeightTypeTraits {
  const char* name;
  bool can_quantize;  // elements can become it
  std::string_view file_type;
  size_t block_columns;
  size_t file_block_bytes;   // of one row
  size_t panel_block_bytes;  // of kPanelRows rows
  size_t scale_columns;
  bool has_minimum;
  int most_activation;
};

inline constexpr WeightTypeTraits kWeightTypeTraits[] = {
#define SOTTO_WEIGHT_TYPE(enumerator, name, can_quantize, file_type, columns, file_bytes,  \
                          panel_bytes, scale_columns, has_minimum, most_activation, codec) \
  {#name,       can_quantize,  file_type,   columns,        file_bytes,                    \
   panel_bytes, scale_columns, has_minimum, most_activation},
#include "tensor/weight_types.inc"
#undef SOTTO_WEIGHT_TYPE
};

constexpr const WeightTypeTraits& traits_of(WeightType type) {
  return kWeightTypeTraits[static_cast<size_t>(type)];
}

inline std::optional<WeightType> parse_weight_type(std::string_view name) {
  for (size_t i = 0; i < std::size(kWeightTypeTraits); ++i) {
    if (name == kWeightTypeTraits[i].name) return static_cast<WeightType>(i);
  }
  return std::nullopt;
}

constexpr size_t kBlockColumns = 32;    // of activations, and of q8 and q4
constexpr size_t kKBlockColumns = 256;  // of K types
constexpr size_t kPanelRows = 8;
constexpr size_t kBlockScaleBytes = 2 * kPanelRows;
constexpr size_t kQ8BlockBytes = kBlockScaleBytes + kPanelRows * kBlockColumns;      // 272
constexpr size_t kQ4BlockBytes = kBlockScaleBytes + kPanelRows * kBlockColumns / 2;  // 144
static_assert(traits_of(WeightType::kQ8).panel_block_bytes == kQ8BlockBytes);
static_assert(traits_of(WeightType::kQ4).panel_block_bytes == kQ4BlockBytes);

// Of one block of a panel of a quantised type.
constexpr size_t block_bytes(WeightType type) { return traits_of(type).panel_block_bytes; }

// Blocks of a row of a quantised type, in a panel as in a file.
constexpr size_t weight_blocks_for(WeightType type, size_t columns) {
  const size_t n = traits_of(type).block_columns;
  return (columns + n - 1) / n;
}

// Of activations.
constexpr size_t blocks_for(size_t columns) {
  return (columns + kBlockColumns - 1) / kBlockColumns;
}
constexpr size_t panels_for(size_t rows) { return (rows + kPanelRows - 1) / kPanelRows; }

}  // namespace sotto
