// How files hold quantised weights: consecutive columns of a row are a block, with what scales
// them. The list is block_formats.inc.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

#include "tensor/weight_type.h"

namespace sotto {

enum class BlockFormat {
#define SOTTO_BLOCK_FORMAT(enumerator, ...) enumerator,
#include "tensor/block_formats.inc"
#undef SOTTO_BLOCK_FORMAT
};

struct BlockFormatTraits {
  std::string_view name;
  size_t columns;
  size_t bytes;
  WeightType kept_as;
};

inline constexpr BlockFormatTraits kBlockFormatTraits[] = {
#define SOTTO_BLOCK_FORMAT(enumerator, name, columns, bytes, kept_as, codec) \
  {name, columns, bytes, WeightType::kept_as},
#include "tensor/block_formats.inc"
#undef SOTTO_BLOCK_FORMAT
};

constexpr const BlockFormatTraits& traits_of(BlockFormat format) {
  return kBlockFormatTraits[static_cast<size_t>(format)];
}

// Whether panels of the type have the format's very blocks.
constexpr bool is_native(BlockFormat format, WeightType type) {
  return traits_of(type).file_type == traits_of(format).name;
}

inline std::optional<BlockFormat> parse_block_format(std::string_view name) {
  for (size_t i = 0; i < std::size(kBlockFormatTraits); ++i) {
    if (name == kBlockFormatTraits[i].name) return static_cast<BlockFormat>(i);
  }
  return std::nullopt;
}

}  // namespace sotto
