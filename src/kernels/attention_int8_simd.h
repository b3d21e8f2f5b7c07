#pragma once

#include "kernels/attention.h"

namespace sotto {

// Keys and values as int8 with a scale for each position and head, a value being scale * int8. With
// P = padded_head_dim, within a page:
//   K         int8 [n_kv_heads, kPagePositions, P]
//   V         int8 [n_kv_heads, kPagePositions / 2, P, 2]: of two positions side by side
//   scales    f32 [n_kv_heads, kPagePositions], of K and of V
// Queries are rounded to 12 bits and softmax weights to 15 for the sums over head_dim and over the
// page, which are exact in integers.
void attention_int8_simd(const AttentionShape& shape, const PagedKeysValues& cache,
                         const AttentionRows& rows, size_t head);

// Writes the key and the value of one position in one page and head: out[i] = nearest(x[i] /
// scale), scale = largest magnitude / 127. k, v: [head_dim]; keys, values, k_scales, v_scales:
// those of the head, as above.
void store_key_int8(const float* k, size_t head_dim, size_t position, int8_t* keys,
                    float* k_scales);
void store_value_int8(const float* v, size_t head_dim, size_t position, int8_t* values,
                      float* v_scales);

}  // namespace sotto
