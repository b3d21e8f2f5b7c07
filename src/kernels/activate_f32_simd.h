// An activation in place, with the bias of the product before it.
#pragma once

#include <cstddef>

#include "kernels/activation.h"

namespace sotto {

// x = activation(x + bias), in each row of x: [rows, columns]; bias: [columns], or null for none.
// Any columns > 0, any alignment.
void activate_f32_simd(Activation activation, float* x, size_t rows, size_t columns,
                       const float* bias);

}  // namespace sotto
