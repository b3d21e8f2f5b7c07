// The parts of online softmax that do not depend on how keys and values are stored.
#pragma once

#include <wasm_simd128.h>

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

// Turns the scores of a page's first n_visible positions into weights exp(score - max), 0 beyond
// them, and folds them into the state. Returns what the output so far is to be multiplied by.
// scores: [kPagePositions], 16-byte aligned, of which whole vectors up to n_visible are read.
inline float update_softmax(float* scores, size_t n_visible, SoftmaxState* state) {
  const v128_t minus_infinity = wasm_f32x4_splat(-std::numeric_limits<float>::infinity());
  const v128_t lanes = wasm_i32x4_const(0, 1, 2, 3);
  v128_t maxima = wasm_f32x4_splat(state->max);
  for (size_t j = 0; j < n_visible; j += 4) {
    const v128_t left = wasm_i32x4_splat(static_cast<int>(n_visible - j));
    const v128_t masked =
        wasm_v128_bitselect(wasm_v128_load(scores + j), minus_infinity, wasm_i32x4_lt(lanes, left));
    wasm_v128_store(scores + j, masked);
    maxima = wasm_f32x4_max(maxima, masked);
  }
  const float max = max_f32x4(maxima);
  v128_t sum = wasm_f32x4_const_splat(0);
  for (size_t j = 0; j < n_visible; j += 4) {
    const v128_t weight =
        exp_f32x4(wasm_f32x4_sub(wasm_v128_load(scores + j), wasm_f32x4_splat(max)));
    wasm_v128_store(scores + j, weight);
    sum = wasm_f32x4_add(sum, weight);
  }
  const float decay = exp_f32(state->max - max);
  state->max = max;
  state->sum = state->sum * decay + sum_f32x4(sum);
  return decay;
}

}  // namespace sotto
