#include "kernels/add_bias_f32_simd.h"

#include <wasm_simd128.h>

#include "base/math.h"

namespace sotto {
namespace {

// In memory for the reason that those of exp_f32x4 are (base/math.h).
struct alignas(16) GeluConstants {
  float cubic[4];
  float minus_2_sqrt_2_over_pi[4];
};
constexpr GeluConstants kGeluConstants = {
    .cubic = {0.044715F, 0.044715F, 0.044715F, 0.044715F},
    .minus_2_sqrt_2_over_pi = {-1.5957691216F, -1.5957691216F, -1.5957691216F, -1.5957691216F},
};
const GeluConstants* const volatile gelu_constants = &kGeluConstants;

// (1 + tanh(u)) / 2 is the logistic function of 2u, so gelu(v) = v / (1 + exp(-2u)): one
// exponential, one division.
v128_t gelu_tanh(v128_t v) {
  const GeluConstants& c = *gelu_constants;
  const v128_t one = wasm_v128_load(exp_constants->one);
  const v128_t square = wasm_f32x4_mul(v, v);
  const v128_t cubic = wasm_f32x4_add(wasm_f32x4_mul(square, wasm_v128_load(c.cubic)), one);
  const v128_t minus_2u =
      wasm_f32x4_mul(wasm_f32x4_mul(v, cubic), wasm_v128_load(c.minus_2_sqrt_2_over_pi));
  return wasm_f32x4_div(v, wasm_f32x4_add(exp_f32x4(minus_2u), one));
}

}  // namespace

void add_bias_f32_simd(float* x, size_t rows, size_t columns, const float* bias) {
  for (size_t row = 0; row < rows; ++row, x += columns) {
    size_t i = 0;
    for (; i + 4 <= columns; i += 4) {
      wasm_v128_store(x + i, wasm_f32x4_add(wasm_v128_load(x + i), wasm_v128_load(bias + i)));
    }
    for (; i < columns; ++i) x[i] += bias[i];
  }
}

void add_residual_f32_simd(float* x, const float* y, size_t rows, size_t columns,
                           const float* bias) {
  for (size_t row = 0; row < rows; ++row, x += columns, y += columns) {
    size_t i = 0;
    for (; i + 4 <= columns; i += 4) {
      const v128_t sum = wasm_f32x4_add(wasm_v128_load(y + i), wasm_v128_load(bias + i));
      wasm_v128_store(x + i, wasm_f32x4_add(wasm_v128_load(x + i), sum));
    }
    for (; i < columns; ++i) x[i] += y[i] + bias[i];
  }
}

void add_bias_gelu_tanh_f32_simd(float* x, size_t rows, size_t columns, const float* bias) {
  for (size_t row = 0; row < rows; ++row, x += columns) {
    size_t i = 0;
    for (; i + 4 <= columns; i += 4) {
      const v128_t v = wasm_f32x4_add(wasm_v128_load(x + i), wasm_v128_load(bias + i));
      wasm_v128_store(x + i, gelu_tanh(v));
    }
    for (; i < columns; ++i) {
      x[i] = wasm_f32x4_extract_lane(gelu_tanh(wasm_f32x4_splat(x[i] + bias[i])), 0);
    }
  }
}

}  // namespace sotto
