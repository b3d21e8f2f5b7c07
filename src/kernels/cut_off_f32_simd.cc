#include "kernels/cut_off_f32_simd.h"

#include <wasm_simd128.h>

#include <cmath>

#include "kernels/activation_f32x4.h"
#include "kernels/moments_f32_simd.h"

namespace sotto {

void cut_off_f32_simd(float* x, size_t n, float deviations) {
  const float mean = mean_f32_simd(x, n);
  const float least = mean + deviations * std::sqrt(variance_f32_simd(x, n, mean));
  const v128_t leasts = wasm_f32x4_splat(least);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    wasm_v128_store(x + i, relu_f32x4(wasm_f32x4_sub(wasm_v128_load(x + i), leasts)));
  }
  for (; i < n; ++i) x[i] = activate_one<relu_f32x4>(x[i] - least);
}

}  // namespace sotto
