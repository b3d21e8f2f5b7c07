// Layer normalisation (Ba, Kiros, Hinton, 2016, arXiv:1607.06450).
#pragma once

#include <cstddef>

namespace sotto {

// For each row: y = (x - mean(x)) / sqrt(variance(x) + epsilon) * weight + bias, the variance being
// the biased one. x, y: [rows, columns], rows `stride` floats apart, may be the same array; weight,
// bias: [columns], or null for none. Any columns > 0, any alignment.
void layer_norm_f32_simd(const float* x, size_t rows, size_t columns, size_t stride,
                         const float* weight, const float* bias, float epsilon, float* y);

}  // namespace sotto
