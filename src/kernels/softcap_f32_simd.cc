#include "kernels/softcap_f32_simd.h"

#include <wasm_simd128.h>

#include "base/math.h"

namespace sotto {

void softcap_f32_simd(float* x, size_t n, float cap) {
  const v128_t caps = wasm_f32x4_splat(cap);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(x + i, softcap_f32x4(wasm_v128_load(x + i), caps));
  for (; i < n; ++i) x[i] = wasm_f32x4_extract_lane(softcap_f32x4(wasm_f32x4_splat(x[i]), caps), 0);
}

}  // namespace sotto
