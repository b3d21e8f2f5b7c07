// The bias of a matrix product.
#pragma once

#include <cstddef>

namespace sotto {

// x += bias, in each row of x: [rows, columns]; bias: [columns], or null for none. Any columns > 0,
// any alignment.
void add_bias_f32_simd(float* x, size_t rows, size_t columns, const float* bias);

}  // namespace sotto
