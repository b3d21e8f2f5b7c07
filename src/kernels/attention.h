// Causal scaled dot-product attention over a paged key-value cache, with grouped heads: what its
// kernels have in common. out[r, h] = sum_p softmax_p(scale * q[r, h] . k[p]) v[p], by online
// softmax (Milakov, Gimelshein, 2018, arXiv:1805.02867), page after page from position 0, each read
// once: a row's result does not depend on the rows beside it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sotto {

constexpr size_t kPagePositions = 32;  // positions in one page of the cache

// Pairs of a row and a head that a kernel takes at a time: many rows, which a page that is in the
// nearest cache serves all, or many heads of few rows, which read a page in one stream.
constexpr size_t kAttentionPairs = 32;

struct AttentionShape {
  size_t n_heads;     // a multiple of n_kv_heads
  size_t n_kv_heads;  // head h reads key-value head h / (n_heads / n_kv_heads)
  size_t head_dim;    // any size > 0
  float scale;        // of the scores, before the softmax
};

// The keys and values of one layer of one sequence, position p being in page p / kPagePositions.
// The key-value heads of the layer stand one after the other in a page, each with all its keys,
// then all its values, so that a kernel that takes heads in turn reads one stream.
struct PagedKeysValues {
  const uint8_t* const* pages;
  size_t layer_offset;  // bytes from a page's start to the layer's first head
  size_t head_bytes;    // from one key-value head to the next
};

// Consecutive positions of one sequence, and some of their heads.
struct AttentionRows {
  const float* q;  // [n_rows, q_stride], a row begins with [n_heads, head_dim]
  size_t q_stride;
  size_t n_rows;
  size_t first_position;  // of row 0; row r attends to positions 0 .. first_position + r
  size_t head_begin;      // the heads [head_begin, head_end), at most kAttentionPairs / n_rows
  size_t head_end;
  float* out;        // [n_rows, n_heads, head_dim]
  uint8_t* scratch;  // attention_scratch_bytes(head_dim), of the calling thread
};

using AttentionKernel = void (*)(const AttentionShape& shape, const PagedKeysValues& cache,
                                 const AttentionRows& rows);

// int8 keys and values have their head_dim padded with zeros to whole vectors of 8.
constexpr size_t padded_head_dim(size_t head_dim) { return (head_dim + 7) / 8 * 8; }

// Room for the queries of all pairs, quantised.
constexpr size_t attention_scratch_bytes(size_t head_dim) {
  return kAttentionPairs * padded_head_dim(head_dim) * sizeof(int16_t);
}

}  // namespace sotto
