// A soft limit of logits and scores (Bello et al., 2016, arXiv:1611.09940).
#pragma once

#include <cstddef>

namespace sotto {

// x[i] = cap * tanh(x[i] / cap) for i < n. Any n, any alignment; cap > 0.
void softcap_f32_simd(float* x, size_t n, float cap);

}  // namespace sotto
