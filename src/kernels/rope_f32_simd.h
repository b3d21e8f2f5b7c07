// The rotation of rotary positions (Su et al., 2021, arXiv:2104.09864), in place: each of n_heads
// heads, [n_heads, head_dim], has n_pairs pairs in its first 2 n_pairs dimensions, which become
//   a' = a cos - b sign sin
//   b' = b cos + a sign sin
// and the dimensions beyond them stay. cos, sin: [n_pairs], see rope_row.h; sign: 1, or -1 to turn
// the other way. Any sizes, any alignment.
#pragma once

#include <cstddef>

namespace sotto {

// Dimension i is paired with i + n_pairs.
void rotate_half_f32_simd(float* x, size_t n_heads, size_t head_dim, size_t n_pairs,
                          const float* cos, const float* sin, float sign);

// Dimension 2i is paired with 2i + 1.
void rotate_pairs_f32_simd(float* x, size_t n_heads, size_t head_dim, size_t n_pairs,
                           const float* cos, const float* sin, float sign);

}  // namespace sotto
