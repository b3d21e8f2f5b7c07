// Causal scaled dot-product attention over a paged key-value cache, with grouped heads: what its
// kernels have in common. out[r, h] = sum_p softmax_p(score(q[r, h], k[p])) v[p] over the positions
// p that the row sees, with score(q, k) = scale * q . k or its softcap, by online softmax (Milakov,
// Gimelshein, 2018, arXiv:1805.02867), page after page in their order, each read once: a row's
// result does not depend on the rows beside it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sotto {

constexpr size_t kPagePositions = 32;  // positions in one page of the cache

// Pairs of a row and a head that a kernel takes at a time: many rows, which a page that is in the
// nearest cache serves all, or many heads of few rows, which read a page in one stream.
constexpr size_t kAttentionPairs = 32;

// Of a head: with more, int8 sums would not stay within 32 bits.
constexpr size_t kMaxHeadDim = 4096;

struct AttentionShape {
  size_t n_heads;     // a multiple of n_kv_heads
  size_t n_kv_heads;  // head h reads key-value head h / (n_heads / n_kv_heads)
  size_t head_dim;    // 1 to kMaxHeadDim
  float scale;        // of the scores
  float softcap = 0;  // scores s become softcap * tanh(s / softcap); 0: they stay
};

// The keys and values of one layer of one sequence, position p being in page p / kPagePositions.
// The key-value heads of the layer stand one after the other in a page, each with all its keys,
// then all its values, so that a kernel that takes heads in turn reads one stream.
struct PagedKeysValues {
  const uint8_t* const* pages;  // may be null where no row sees a position of the page
  size_t layer_offset;          // bytes from a page's start to the layer's first head
  size_t head_bytes;            // from one key-value head to the next
  size_t window = 0;            // positions that a row sees, its own the last of them; 0: all
};

// The first position that a row at `position` sees.
constexpr size_t first_visible(size_t position, size_t window) {
  return window == 0 || position < window ? 0 : position + 1 - window;
}

// Consecutive positions of one sequence, and some of their heads.
struct AttentionRows {
  const float* q;  // [n_rows, q_stride], a row begins with [n_heads, head_dim]
  size_t q_stride;
  size_t n_rows;
  size_t first_position;  // of row 0; row r attends to positions up to first_position + r
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
