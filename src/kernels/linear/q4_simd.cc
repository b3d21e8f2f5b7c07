// The 8 that was added to each weight leaves by 8 times the activations' sum.
#include "kernels/linear/nibble_dot.h"
#include "kernels/linear/panel_kernel.h"

namespace sotto {
namespace {

void multiply_row(const PanelProduct& p, size_t m) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const v128_t mask = wasm_v128_load(kernel_constants->nibble_of_i16);
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + m * n_blocks * kBlockColumns * 2;
  const float* const x_scales = p.x.scales + m * n_blocks;
  const int32_t* const x_sums = p.x.sums + m * n_blocks;
  const uint8_t* block = p.panel;
  v128_t low = wasm_f32x4_const_splat(0);
  v128_t high = low;

  for (size_t b = 0; b < n_blocks; ++b, block += kQ4BlockBytes, x += kBlockColumns * 2) {
    v128_t low_dots = wasm_i32x4_splat(-8 * x_sums[b]);
    v128_t high_dots = low_dots;
#pragma clang loop unroll(full)
    for (size_t group = 0; group < kBlockColumns / 8; ++group) {
      const uint8_t* const w = block + kBlockScaleBytes + 32 * group;
      const uint8_t* const columns = x + 16 * group;
      const PairedColumns paired(columns);
      low_dots = wasm_i32x4_add(low_dots, dot_nibbles(wasm_v128_load(w), mask, paired));
      high_dots = wasm_i32x4_add(high_dots, dot_nibbles(wasm_v128_load(w + 16), mask, paired));
    }
    const v128_t x_scale = wasm_v128_load32_splat(x_scales + b);
    low = add_block(low, low_dots, load_scales(block, fields, unit), x_scale);
    high = add_block(high, high_dots, load_scales(block + 8, fields, unit), x_scale);
  }
  store_outputs(p, m, low, high);
}

}  // namespace

void q4_simd(const PanelProduct& product) {
  for (size_t m = 0; m < product.n_x_rows; ++m) multiply_row(product, m);
}

}  // namespace sotto
