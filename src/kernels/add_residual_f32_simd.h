// The end of a residual branch, with the bias of its last product.
#pragma once

#include <cstddef>

namespace sotto {

// x += (y + bias) * scale, in each row of x, y: [rows, columns]; bias: [columns], or null for none.
// Any columns > 0, any alignment.
void add_residual_f32_simd(float* x, const float* y, size_t rows, size_t columns, const float* bias,
                           float scale);

}  // namespace sotto
