#include "kernels/silu_conv_f32_simd.h"

#include <wasm_simd128.h>

#include "kernels/activation_f32x4.h"

namespace sotto {
namespace {

struct Input {
  const float* x;
  v128_t four(size_t i) const { return wasm_v128_load(x + i); }
  float one(size_t i) const { return x[i]; }
};

struct Output {
  float* y;
  void four(size_t i, v128_t sum) const { wasm_v128_store(y + i, silu_f32x4(sum)); }
  void one(size_t i, float sum) const { y[i] = activate_one<silu_f32x4>(sum); }
};

}  // namespace

void silu_conv_f32_simd(const ConvolutionStep& step, const float* x, float* y) {
  convolve(step, Input{x}, Output{y});
}

}  // namespace sotto
