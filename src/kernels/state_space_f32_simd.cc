#include "kernels/state_space_f32_simd.h"

#include <wasm_simd128.h>

#include <algorithm>

#include "kernels/state_block.h"

namespace sotto {
namespace {

// Columns [column, column + n) of one token. state_in, state_out: their block.
void step(const StateSpaceHead& head, size_t token, size_t column, size_t n, const float* state_in,
          float* state_out) {
  const float* const b = head.b + token * head.stride;
  const float* const c = head.c + token * head.stride;
  const v128_t decay = wasm_f32x4_splat(head.numbers[token].decay);
  const StateColumns x = StateColumns::load(head.x + token * head.stride + column, n);
  const StateColumns taken = x.times(wasm_f32x4_splat(head.numbers[token].time_step));
  StateColumns out = StateColumns::zeros();
  for (size_t i = 0; i < head.state_size; ++i) {
    const StateColumns row = StateColumns::load(state_in + i * kStateColumns)
                                 .times(decay)
                                 .plus(taken.times(wasm_v128_load32_splat(b + i)));
    row.store(state_out + i * kStateColumns);
    out = out.plus(row.times(wasm_v128_load32_splat(c + i)));
  }
  out.plus(x.times(wasm_f32x4_splat(head.skip)))
      .store(head.out + token * head.out_stride + column, n);
}

}  // namespace

// A block of columns passes all tokens while it is near.
void state_space_f32_simd(const StateSpaceHead& head, const float* state_in, float* state_out) {
  for (size_t column = 0; column < head.head_dim; column += kStateColumns) {
    const size_t n = std::min(kStateColumns, head.head_dim - column);
    for (size_t token = 0; token < head.n_tokens; ++token) {
      step(head, token, column, n, token == 0 ? state_in : state_out, state_out);
    }
    state_in += head.state_size * kStateColumns;
    state_out += head.state_size * kStateColumns;
  }
}

}  // namespace sotto
