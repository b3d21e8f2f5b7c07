#include "kernels/gated_delta_f32_simd.h"

#include <wasm_simd128.h>

#include <algorithm>

#include "kernels/state_block.h"

namespace sotto {
namespace {

// Columns [column, column + n) of one token. state_in, state_out: their block.
void step(const DeltaHead& head, size_t token, size_t column, size_t n, const float* state_in,
          float* state_out) {
  const float* const q = head.q + token * head.stride;
  const float* const k = head.k + token * head.stride;
  const DeltaNumbers& numbers = head.numbers[token];
  StateColumns held = StateColumns::zeros();  // S^T k, of the state before it decays
  for (size_t i = 0; i < head.key_dim; ++i) {
    const StateColumns row = StateColumns::load(state_in + i * kStateColumns);
    held = held.plus(row.times(wasm_v128_load32_splat(k + i)));
  }
  const v128_t decay = wasm_f32x4_splat(numbers.decay);
  held = held.times(wasm_f32x4_splat(numbers.decay * numbers.k_scale));
  const StateColumns v = StateColumns::load(head.v + token * head.stride + column, n);
  const StateColumns taken = v.minus(held).times(wasm_f32x4_splat(numbers.beta * numbers.k_scale));
  StateColumns out = StateColumns::zeros();
  for (size_t i = 0; i < head.key_dim; ++i) {
    const StateColumns row = StateColumns::load(state_in + i * kStateColumns)
                                 .times(decay)
                                 .plus(taken.times(wasm_v128_load32_splat(k + i)));
    row.store(state_out + i * kStateColumns);
    out = out.plus(row.times(wasm_v128_load32_splat(q + i)));
  }
  out.times(wasm_f32x4_splat(numbers.q_scale))
      .store(head.out + token * head.out_stride + column, n);
}

}  // namespace

// A block of columns passes all tokens while it is near.
void gated_delta_f32_simd(const DeltaHead& head, const float* state_in, float* state_out) {
  for (size_t column = 0; column < head.value_dim; column += kStateColumns) {
    const size_t n = std::min(kStateColumns, head.value_dim - column);
    for (size_t token = 0; token < head.n_tokens; ++token) {
      step(head, token, column, n, token == 0 ? state_in : state_out, state_out);
    }
    state_in += head.key_dim * kStateColumns;
    state_out += head.key_dim * kStateColumns;
  }
}

}  // namespace sotto
