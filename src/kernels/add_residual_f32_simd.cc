#include "kernels/add_residual_f32_simd.h"

#include <wasm_simd128.h>

#include "kernels/optional_row.h"

namespace sotto {

void add_residual_f32_simd(float* x, const float* y, size_t rows, size_t columns, const float* bias,
                           float scale) {
  const OptionalRow biases = OptionalRow::bias(bias);
  const v128_t scales = wasm_f32x4_splat(scale);
  for (size_t row = 0; row < rows; ++row, x += columns, y += columns) {
    size_t i = 0;
    for (; i + 4 <= columns; i += 4) {
      const v128_t sum = wasm_f32x4_add(wasm_v128_load(y + i), biases.four(i));
      wasm_v128_store(x + i, wasm_f32x4_add(wasm_v128_load(x + i), wasm_f32x4_mul(sum, scales)));
    }
    for (; i < columns; ++i) x[i] += (y[i] + biases.one(i)) * scale;
  }
}

}  // namespace sotto
