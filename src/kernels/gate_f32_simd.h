// The middle of a gated MLP (Shazeer, 2020, arXiv:2002.05202).
#pragma once

#include <cstddef>

#include "kernels/activation.h"

namespace sotto {

// out[i] = activation(gate[i]) * up[i] for i < columns. `out` may be `gate` or `up`. Any columns >
// 0, any alignment.
void gate_f32_simd(Activation activation, const float* gate, const float* up, size_t columns,
                   float* out);

}  // namespace sotto
