// Blocks of quantised weights, as files hold them, to numbers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/linear/block_codecs.h"
#include "tensor/block_format.h"

namespace sotto {

// out: [n_blocks * columns of a block]. False when a value is not finite.
bool dequantize_blocks(BlockFormat format, const uint8_t* blocks, size_t n_blocks, float* out);

// Values of kBlockColumns columns: as integers where one scale and no offset makes them, and as
// numbers.
struct BlockColumns {
  bool is_integral;
  float scale;
  int8_t q[kBlockColumns];
  float values[kBlockColumns];
};

// Columns [begin, begin + kBlockColumns) of a row of blocks, which are whole groups. False when a
// value is not finite.
bool read_block_columns(BlockFormat format, const uint8_t* row, size_t begin, BlockColumns* out);

}  // namespace sotto
