#include "kernels/scale_f32_simd.h"

#include <wasm_simd128.h>

namespace sotto {

void scale_f32_simd(float* x, size_t n, float factor) {
  const v128_t factors = wasm_f32x4_splat(factor);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    wasm_v128_store(x + i, wasm_f32x4_mul(wasm_v128_load(x + i), factors));
  }
  for (; i < n; ++i) x[i] *= factor;
}

}  // namespace sotto
