#include "kernels/short_conv_f32_simd.h"

#include <wasm_simd128.h>

namespace sotto {
namespace {

struct GatedInput {
  const float* b;
  const float* u;
  v128_t four(size_t i) const {
    return wasm_f32x4_mul(wasm_v128_load(b + i), wasm_v128_load(u + i));
  }
  float one(size_t i) const { return b[i] * u[i]; }
};

struct GatedOutput {
  const float* c;
  float* y;
  void four(size_t i, v128_t sum) const {
    wasm_v128_store(y + i, wasm_f32x4_mul(wasm_v128_load(c + i), sum));
  }
  void one(size_t i, float sum) const { y[i] = c[i] * sum; }
};

}  // namespace

void short_conv_f32_simd(const ConvolutionStep& step, const float* gates, float* y) {
  const float* const c = gates + step.channels;
  convolve(step, GatedInput{gates, c + step.channels}, GatedOutput{c, y});
}

}  // namespace sotto
