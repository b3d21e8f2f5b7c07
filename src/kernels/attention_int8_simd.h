#pragma once

#include "kernels/attention.h"

namespace sotto {

// Keys and values as int8 with a scale for each position, a value being scale * int8. With P =
// padded_head_dim, of a head in a page:
//   keys           int8 [kPagePositions / 4, P / 8, 4, 8]: of four positions side by side
//   values         int8 [kPagePositions / 2, P, 2]: of two positions side by side
//   key scales     f32 [kPagePositions]
//   value scales   f32 [kPagePositions]
// Queries are rounded to 12 bits and softmax weights to 15 for the sums over head_dim and over the
// page, which are exact in integers.
void attention_int8_simd(const AttentionShape& shape, const PagedKeysValues& cache,
                         const AttentionRows& rows);

constexpr size_t int8_head_bytes(size_t head_dim) {
  return 2 * kPagePositions * (padded_head_dim(head_dim) + sizeof(float));
}

// Writes the key and the value of one position: scale = largest magnitude / 127, integers =
// nearest(x / scale). k, v: [head_dim]; page_head: as above.
void store_int8(const float* k, const float* v, size_t head_dim, size_t position,
                uint8_t* page_head);

// The key and the value of one position as numbers again. k, v: [head_dim]
void load_int8(const uint8_t* page_head, size_t head_dim, size_t position, float* k, float* v);

}  // namespace sotto
