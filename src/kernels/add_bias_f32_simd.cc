#include "kernels/add_bias_f32_simd.h"

#include <wasm_simd128.h>

namespace sotto {

void add_bias_f32_simd(float* x, size_t rows, size_t columns, const float* bias) {
  if (bias == nullptr) return;
  for (size_t row = 0; row < rows; ++row, x += columns) {
    size_t i = 0;
    for (; i + 4 <= columns; i += 4) {
      wasm_v128_store(x + i, wasm_f32x4_add(wasm_v128_load(x + i), wasm_v128_load(bias + i)));
    }
    for (; i < columns; ++i) x[i] += bias[i];
  }
}

}  // namespace sotto
