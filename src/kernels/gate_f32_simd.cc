#include "kernels/gate_f32_simd.h"

#include <wasm_simd128.h>

#include "kernels/activation_f32x4.h"

namespace sotto {
namespace {

template <v128_t (*kFunction)(v128_t)>
void gate_by(const float* gate, const float* up, size_t columns, float* out) {
  size_t i = 0;
  for (; i + 4 <= columns; i += 4) {
    wasm_v128_store(out + i,
                    wasm_f32x4_mul(kFunction(wasm_v128_load(gate + i)), wasm_v128_load(up + i)));
  }
  for (; i < columns; ++i) out[i] = activate_one<kFunction>(gate[i]) * up[i];
}

}  // namespace

void gate_f32_simd(Activation activation, const float* gate, const float* up, size_t columns,
                   float* out) {
  switch (activation) {
#define SOTTO_ACTIVATION(enumerator, name, function) \
  case Activation::enumerator:                       \
    return gate_by<function>(gate, up, columns, out);
#include "kernels/activations.inc"
#undef SOTTO_ACTIVATION
  }
}

}  // namespace sotto
