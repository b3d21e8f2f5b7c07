// The sums of causal depthwise convolutions over few positions, for the kernels that differ in what
// goes in and what is made of the sum.
#pragma once

#include <wasm_simd128.h>

#include <cstddef>

#include "kernels/optional_row.h"

namespace sotto {

// Channels [begin, end) of one token's row. Kept are the inputs of the tokens before.
struct ConvolutionStep {
  const float* state_in;  // [taps - 1, channels], the oldest token first
  float* state_out;       // the same with this token's; may be state_in
  const float* weight;    // [taps, channels]
  const float* bias;      // [channels], or null for none
  size_t channels;
  size_t taps;  // >= 1
  size_t begin;
  size_t end;
};

// output.four(i, weight[0] z_before[0] + .. + weight[last - 1] z_before[last - 1] + weight[last] z
// + bias) for z = input.four(i) and last = taps - 1, summed in this order; the same with one() for
// single channels.
template <typename Input, typename Output>
void convolve(const ConvolutionStep& step, const Input& input, const Output& output) {
  const auto& [state_in, state_out, weight, bias, channels, taps, begin, end] = step;
  const size_t last = (taps - 1) * channels;  // of the weights, and where the state ends
  const OptionalRow biases = OptionalRow::bias(bias);
  size_t i = begin;
  for (; i + 4 <= end; i += 4) {
    v128_t sum = wasm_f32x4_const_splat(-0.0F);
    const v128_t z = input.four(i);
    for (size_t k = i; k < last; k += channels) {
      const v128_t before = wasm_v128_load(state_in + k);
      if (k >= channels) wasm_v128_store(state_out + k - channels, before);
      sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(weight + k), before));
    }
    if (taps > 1) wasm_v128_store(state_out + last - channels + i, z);
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(weight + last + i), z));
    output.four(i, wasm_f32x4_add(sum, biases.four(i)));
  }
  for (; i < end; ++i) {
    float sum = -0.0F;
    const float z = input.one(i);
    for (size_t k = i; k < last; k += channels) {
      const float before = state_in[k];
      if (k >= channels) state_out[k - channels] = before;
      sum += weight[k] * before;
    }
    if (taps > 1) state_out[last - channels + i] = z;
    sum += weight[last + i] * z;
    output.one(i, sum + biases.one(i));
  }
}

}  // namespace sotto
