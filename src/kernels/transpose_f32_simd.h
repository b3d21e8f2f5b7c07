// Transposition of a strip of a matrix.
#pragma once

#include <cstddef>

namespace sotto {

// out[n, k] = in[k, n] for k < rows and n < columns. in: [rows, in_stride]; out: [columns, rows].
// Any sizes > 0, any alignment.
void transpose_f32_simd(const float* in, size_t rows, size_t columns, size_t in_stride, float* out);

}  // namespace sotto
