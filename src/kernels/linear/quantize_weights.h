// f32 weights to the block formats of tensor/weight_type.h, and back.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensor/block_format.h"
#include "tensor/weight_type.h"

namespace sotto {

// Quantises one row of `columns` weights into its places of `panel`, whose other rows stay as they
// are. The same values as the reference quantisation of GGUF's Q8_0 and Q4_0 gives. False when a
// weight is not finite, or too large for an f16 scale (above 8.3 million in q8, 524,000 in q4).
bool quantize_weight_row(WeightType type, const float* weights, size_t columns, size_t row_in_panel,
                         uint8_t* panel);

// Moves one row of a file's blocks, unchanged in value, into its places of `panel`. False when a
// scale is not finite.
bool take_weight_blocks(WeightType type, const uint8_t* blocks, size_t n_blocks,
                        size_t row_in_panel, uint8_t* panel);

// The same of another format's blocks. Where one scale and the type's integers make kBlockColumns
// columns, those stay, with the scale to the nearest f16: unchanged in value but for IQ4_XS, whose
// scales have more bits, and for MXFP4's below an f16's. Other columns are quantised anew.
bool take_converted_blocks(WeightType type, BlockFormat format, const uint8_t* blocks,
                           size_t columns, size_t row_in_panel, uint8_t* panel);

// weights[k] = what row `row_in_panel` of the panel stands for, k < columns.
void dequantize_weight_row(WeightType type, const uint8_t* panel, size_t columns,
                           size_t row_in_panel, float* weights);

}  // namespace sotto
