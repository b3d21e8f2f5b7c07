// Causal scaled dot-product attention over a paged key-value cache, with grouped heads.
#pragma once

#include <cstddef>

namespace sotto {

constexpr size_t kPagePositions = 32;  // positions in one page of the cache

struct AttentionShape {
  size_t n_heads;     // a multiple of n_kv_heads
  size_t n_kv_heads;  // head h reads key-value head h / (n_heads / n_kv_heads)
  size_t head_dim;    // any size > 0
  float scale;        // of the scores, before the softmax
};

// The keys and values of one layer of one sequence, position p being in page p / kPagePositions.
// Both are [n_kv_heads, kPagePositions, head_dim] within a page, so many floats from its start.
struct PagedKeysValues {
  const float* const* pages;
  size_t k_offset;
  size_t v_offset;
};

// Rows are consecutive positions of one sequence.
struct AttentionRows {
  const float* q;  // [n_rows, q_stride], a row begins with [n_heads, head_dim]
  size_t q_stride;
  size_t n_rows;
  size_t first_position;  // of row 0; row r attends to positions 0 .. first_position + r
  float* out;             // [n_rows, n_heads, head_dim]
  float* state;           // scratch: [n_rows, 2]
};

// out[r, h] = sum_p softmax_p(scale * q[r, h] . k[p]) v[p], by online softmax (Milakov, Gimelshein,
// 2018, arXiv:1805.02867) page after page from position 0: a row's result does not depend on the
// rows beside it.
void attention_f32_simd(const AttentionShape& shape, const PagedKeysValues& cache,
                        const AttentionRows& rows);

}  // namespace sotto
