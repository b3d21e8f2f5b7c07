#include "kernels/linear/dequantize_blocks.h"

#include <bit>
#include <cmath>

namespace sotto {
namespace {

template <typename Codec>
bool read_group(const uint8_t* block, size_t g, BlockGroup* group, float* values) {
  Codec::group(block, g, group);
  bool are_finite = true;
  for (size_t k = 0; k < Codec::kColumns; ++k) {
    values[k] = group->scale * static_cast<float>(group->q[k]);
    if constexpr (Codec::kHasOffset) values[k] += group->offset;
    are_finite &= std::isfinite(values[k]);
  }
  return are_finite;
}

template <typename Codec>
bool dequantize(const BlockFormatTraits& format, const uint8_t* blocks, size_t n_blocks,
                float* out) {
  BlockGroup group;
  const size_t n_groups = format.columns / Codec::kColumns;
  for (size_t block = 0; block < n_blocks; ++block, blocks += format.bytes) {
    for (size_t g = 0; g < n_groups; ++g, out += Codec::kColumns) {
      if (!read_group<Codec>(blocks, g, &group, out)) return false;
    }
  }
  return true;
}

template <typename Codec>
bool read_columns(const BlockFormatTraits& format, const uint8_t* row, size_t begin,
                  BlockColumns* out) {
  const uint8_t* const block = row + begin / format.columns * format.bytes;
  const size_t first = begin % format.columns / Codec::kColumns;
  out->is_integral = !Codec::kHasOffset;
  for (size_t i = 0; i < kBlockColumns / Codec::kColumns; ++i) {
    BlockGroup group;
    const size_t column = i * Codec::kColumns;
    if (!read_group<Codec>(block, first + i, &group, out->values + column)) return false;
    if constexpr (requires { Codec::share_scale(block, first + i, &group); }) {
      Codec::share_scale(block, first + i, &group);
    }
    if (i == 0) out->scale = group.scale;
    // -0 is not 0 here: their products are not the same.
    if (std::bit_cast<uint32_t>(group.scale) != std::bit_cast<uint32_t>(out->scale)) {
      out->is_integral = false;
    }
    for (size_t k = 0; k < Codec::kColumns; ++k) out->q[column + k] = group.q[k];
  }
  return true;
}

// The functions of each format, in the order of the enumeration.
struct FormatFunctions {
  decltype(&dequantize<block_codecs::Q80>) dequantize;
  decltype(&read_columns<block_codecs::Q80>) read_columns;
};
constexpr FormatFunctions kFormatFunctions[] = {
#define SOTTO_BLOCK_FORMAT(enumerator, name, columns, bytes, kept_as, codec) \
  {dequantize<block_codecs::codec>, read_columns<block_codecs::codec>},
#include "tensor/block_formats.inc"
#undef SOTTO_BLOCK_FORMAT
};

const FormatFunctions& functions_of(BlockFormat format) {
  return kFormatFunctions[static_cast<size_t>(format)];
}

}  // namespace

bool dequantize_blocks(BlockFormat format, const uint8_t* blocks, size_t n_blocks, float* out) {
  return functions_of(format).dequantize(traits_of(format), blocks, n_blocks, out);
}

bool read_block_columns(BlockFormat format, const uint8_t* row, size_t begin, BlockColumns* out) {
  return functions_of(format).read_columns(traits_of(format), row, begin, out);
}

}  // namespace sotto
