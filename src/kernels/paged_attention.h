// The parts of attention that do not depend on how keys and values are stored.
#pragma once

#include <wasm_simd128.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#include "base/math.h"
#include "kernels/attention.h"
#include "kernels/reduce_f32x4.h"

namespace sotto {

// Of one row and head, over the pages seen so far.
struct SoftmaxState {
  float max = -std::numeric_limits<float>::infinity();  // of the scores
  float sum = 0;                                        // of exp(score - max)
};

// Positions of a page, [begin, end), that a row sees: at least one.
struct Visible {
  size_t begin;
  size_t end;

  // Where whole vectors of four that have all of them begin.
  size_t first_four() const { return begin / 4 * 4; }
};

// Turns the scores of a page's visible positions into weights exp(score - max), after the softcap,
// 0 where whole vectors go beyond them, and folds them into the state. Returns what the output so
// far is to be multiplied by. scores: [kPagePositions], 16-byte aligned, of which whole vectors are
// read.
inline float update_softmax(float* scores, Visible visible, float softcap, SoftmaxState* state) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const auto [begin, end] = visible;
  const size_t first = visible.first_four();
  if (softcap != 0) {
    const v128_t cap = wasm_f32x4_splat(softcap);
    for (size_t j = first; j < end; j += 4) {
      wasm_v128_store(scores + j, softcap_f32x4(wasm_v128_load(scores + j), cap));
    }
  }
  // What is not visible of the first and the last vector.
  for (size_t j = first; j < begin; ++j) scores[j] = -kInfinity;
  for (size_t j = end; j % 4 != 0; ++j) scores[j] = -kInfinity;
  // A NaN may get lost here, but makes its weight NaN, and so the sum.
  v128_t maxima = wasm_f32x4_splat(state->max);
  for (size_t j = first; j < end; j += 4) {
    maxima = wasm_f32x4_pmax(maxima, wasm_v128_load(scores + j));
  }
  const float max = max_f32x4(maxima);
  v128_t sum = wasm_f32x4_const_splat(0);
  for (size_t j = first; j < end; j += 4) {
    const v128_t weight =
        exp_f32x4(wasm_f32x4_sub(wasm_v128_load(scores + j), wasm_f32x4_splat(max)));
    wasm_v128_store(scores + j, weight);
    sum = wasm_f32x4_add(sum, weight);
  }
  const float decay = max == state->max ? 1.0F : exp_f32(state->max - max);
  state->max = max;
  state->sum = state->sum * decay + sum_f32x4(sum);
  return decay;
}

// The order of attention, whatever the form of keys and values: for each pair of a row and a head
// prepare(pair, q), then page after page and head after head attend(pair, q, page_head, visible,
// state, out) for each row that sees some of the page, and at the end the division by the sum.
template <typename Prepare, typename Attend>
void for_each_page_and_pair(const AttentionShape& shape, const PagedKeysValues& cache,
                            const AttentionRows& rows, const Prepare& prepare,
                            const Attend& attend) {
  const size_t head_dim = shape.head_dim;
  const size_t out_stride = shape.n_heads * head_dim;
  const size_t heads_per_kv_head = shape.n_heads / shape.n_kv_heads;
  SoftmaxState states[kAttentionPairs];
  const auto q_of = [&](size_t row, size_t head) {
    return rows.q + row * rows.q_stride + head * head_dim;
  };
  const auto out_of = [&](size_t row, size_t head) {
    return rows.out + row * out_stride + head * head_dim;
  };
  const auto pair_of = [&](size_t row, size_t head) {
    return (head - rows.head_begin) * rows.n_rows + row;
  };
  for (size_t head = rows.head_begin; head < rows.head_end; ++head) {
    for (size_t row = 0; row < rows.n_rows; ++row) {
      prepare(pair_of(row, head), q_of(row, head));
      std::fill_n(out_of(row, head), head_dim, 0.0F);
    }
  }
  const size_t end = rows.first_position + rows.n_rows;
  const size_t first_page = first_visible(rows.first_position, cache.window) / kPagePositions;
  for (size_t begin = first_page * kPagePositions; begin < end; begin += kPagePositions) {
    const uint8_t* const layer = cache.pages[begin / kPagePositions] + cache.layer_offset;
    const size_t first_row = begin > rows.first_position ? begin - rows.first_position : 0;
    for (size_t head = rows.head_begin; head < rows.head_end; ++head) {
      const uint8_t* const page_head = layer + head / heads_per_kv_head * cache.head_bytes;
      for (size_t row = first_row; row < rows.n_rows; ++row) {
        const size_t position = rows.first_position + row;
        const size_t first = first_visible(position, cache.window);
        if (first >= begin + kPagePositions) break;  // nor do later rows see the page
        const Visible visible = {first > begin ? first - begin : 0,
                                 std::min(kPagePositions, position + 1 - begin)};
        const size_t pair = pair_of(row, head);
        attend(pair, q_of(row, head), page_head, visible, &states[pair], out_of(row, head));
      }
    }
  }
  for (size_t head = rows.head_begin; head < rows.head_end; ++head) {
    for (size_t row = 0; row < rows.n_rows; ++row) {
      const float normalizer = 1.0F / states[pair_of(row, head)].sum;
      float* const out = out_of(row, head);
      for (size_t i = 0; i < head_dim; ++i) out[i] *= normalizer;
    }
  }
}

}  // namespace sotto
