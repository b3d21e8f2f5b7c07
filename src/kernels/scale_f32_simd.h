// Multiplication by a number.
#pragma once

#include <cstddef>

namespace sotto {

// x[i] *= factor for i < n. Any n, any alignment.
void scale_f32_simd(float* x, size_t n, float factor);

}  // namespace sotto
