#include "kernels/activate_f32_simd.h"

#include <wasm_simd128.h>

#include "kernels/activation_f32x4.h"
#include "kernels/optional_row.h"

namespace sotto {
namespace {

template <v128_t (*kFunction)(v128_t)>
void activate(float* x, size_t rows, size_t columns, const OptionalRow& bias) {
  for (size_t row = 0; row < rows; ++row, x += columns) {
    size_t i = 0;
    for (; i + 4 <= columns; i += 4) {
      wasm_v128_store(x + i, kFunction(wasm_f32x4_add(wasm_v128_load(x + i), bias.four(i))));
    }
    for (; i < columns; ++i) x[i] = activate_one<kFunction>(x[i] + bias.one(i));
  }
}

}  // namespace

void activate_f32_simd(Activation activation, float* x, size_t rows, size_t columns,
                       const float* bias) {
  switch (activation) {
#define SOTTO_ACTIVATION(enumerator, name, function) \
  case Activation::enumerator:                       \
    return activate<function>(x, rows, columns, OptionalRow::bias(bias));
#include "kernels/activations.inc"
#undef SOTTO_ACTIVATION
  }
}

}  // namespace sotto
