// For many rows of x: the panel is unpacked once, to a panel of q8.

#include "kernels/linear/panel_kernel.h"

namespace sotto {

void q4_rows_simd(const PanelProduct& product) {
  const v128_t mask = wasm_v128_load(kernel_constants->low_nibbles);
  const v128_t eights = wasm_i8x16_splat(8);
  const uint8_t* in = product.panel;
  uint8_t* out = product.scratch;
  for (size_t b = 0; b < product.x.n_blocks; ++b) {
    wasm_v128_store(out, wasm_v128_load(in));
    in += kBlockScaleBytes;
    out += kBlockScaleBytes;
    // 32 bytes of eight columns become two groups of four columns.
    for (size_t group = 0; group < kBlockColumns / 8; ++group, in += 32, out += 64) {
      for (size_t half = 0; half < 32; half += 16) {
        const v128_t nibbles = wasm_v128_load(in + half);
        const v128_t low = wasm_v128_and(nibbles, mask);
        const v128_t high = wasm_u8x16_shr(nibbles, 4);
        wasm_v128_store(out + half, wasm_i8x16_sub(low, eights));
        wasm_v128_store(out + half + 32, wasm_i8x16_sub(high, eights));
      }
    }
  }
  PanelProduct unpacked = product;
  unpacked.panel = product.scratch;
  q8_rows_simd(unpacked);
}

}  // namespace sotto
