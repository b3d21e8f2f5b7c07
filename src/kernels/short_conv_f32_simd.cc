#include "kernels/short_conv_f32_simd.h"

#include <wasm_simd128.h>

#include "kernels/optional_row.h"

namespace sotto {

void short_conv_f32_simd(const float* gates, const float* state_in, float* state_out,
                         const float* weight, const float* bias, size_t channels, size_t taps,
                         float* y) {
  const float* const b = gates;
  const float* const c = gates + channels;
  const float* const u = gates + 2 * channels;
  const size_t last = (taps - 1) * channels;  // of the weights, and where the state ends
  const OptionalRow biases = OptionalRow::bias(bias);
  size_t i = 0;
  for (; i + 4 <= channels; i += 4) {
    v128_t sum = wasm_f32x4_const_splat(-0.0F);
    for (size_t k = i; k < last; k += channels) {
      const v128_t z = wasm_v128_load(state_in + k);
      if (k >= channels) wasm_v128_store(state_out + k - channels, z);
      sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(weight + k), z));
    }
    const v128_t z = wasm_f32x4_mul(wasm_v128_load(b + i), wasm_v128_load(u + i));
    if (taps > 1) wasm_v128_store(state_out + last - channels + i, z);
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load(weight + last + i), z));
    sum = wasm_f32x4_add(sum, biases.four(i));
    wasm_v128_store(y + i, wasm_f32x4_mul(wasm_v128_load(c + i), sum));
  }
  for (; i < channels; ++i) {
    float sum = -0.0F;
    for (size_t k = i; k < last; k += channels) {
      const float z = state_in[k];
      if (k >= channels) state_out[k - channels] = z;
      sum += weight[k] * z;
    }
    const float z = b[i] * u[i];
    if (taps > 1) state_out[last - channels + i] = z;
    sum += weight[last + i] * z;
    y[i] = c[i] * (sum + biases.one(i));
  }
}

}  // namespace sotto
