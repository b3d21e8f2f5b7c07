// Widening of file elements to f32.
#pragma once

#include <cstddef>

#include "tensor/dtype.h"

namespace sotto {

// out[i] = f32(in[i]) for i < count, exactly. `in` holds little-endian elements of `dtype` at any
// alignment.
void convert_to_f32(const void* in, DType dtype, size_t count, float* out);

}  // namespace sotto
