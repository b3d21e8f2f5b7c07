// Root mean square normalisation (Zhang, Sennrich, 2019, arXiv:1910.07467).
#pragma once

#include <cstddef>

namespace sotto {

// For each row: y = x / sqrt(mean(x^2) + epsilon) * (offset + weight). x, y: [rows, columns], rows
// `stride` floats apart, may be the same array; weight: [columns], or null, and y is then not
// multiplied. `offset` is 0, or 1 for weights that are kept as their distance from 1. Any columns >
// 0, any alignment.
void rms_norm_f32_simd(const float* x, size_t rows, size_t columns, size_t stride,
                       const float* weight, float offset, float epsilon, float* y);

}  // namespace sotto
