// int8 activations meet nibbles (relaxed_dot.h). The 8 that was added to each weight leaves by 8
// times the activations' sum.
#include "kernels/linear/panel_kernel.h"
#include "kernels/linear/relaxed_dot.h"

namespace sotto {
namespace {

template <DotForm kForm>
void multiply_row(const PanelProduct& p, size_t m) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const v128_t ones = wasm_v128_load(kernel_constants->ones);
  const v128_t mask = wasm_v128_load(kernel_constants->low_nibbles);
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + m * n_blocks * kBlockColumns;
  const float* const x_scales = p.x.scales + m * n_blocks;
  const int32_t* const x_sums = p.x.sums + m * n_blocks;
  const uint8_t* block = p.panel;
  v128_t low_sum = wasm_f32x4_const_splat(0);
  v128_t high_sum = low_sum;

  for (size_t b = 0; b < n_blocks; ++b, block += kQ4BlockBytes, x += kBlockColumns) {
    const v128_t offset = wasm_i32x4_splat(-8 * x_sums[b]);
    v128_t low_dots = begin_nibbles<kForm>(offset);
    v128_t high_dots = low_dots;
#pragma clang loop unroll(full)
    for (size_t group = 0; group < kBlockColumns / 8; ++group) {
      const uint8_t* const w = block + kBlockScaleBytes + 32 * group;
      const v128_t low = wasm_v128_load(w);
      const v128_t high = wasm_v128_load(w + 16);
      const v128_t first = wasm_v128_load32_splat(x + 8 * group);
      const v128_t second = wasm_v128_load32_splat(x + 8 * group + 4);
      low_dots = add_nibbles<kForm>(first, wasm_v128_and(low, mask), low_dots);
      high_dots = add_nibbles<kForm>(first, wasm_v128_and(high, mask), high_dots);
      const v128_t low_rest = wasm_v128_and(wasm_u16x8_shr(low, 4), mask);
      const v128_t high_rest = wasm_v128_and(wasm_u16x8_shr(high, 4), mask);
      low_dots = add_nibbles<kForm>(second, low_rest, low_dots);
      high_dots = add_nibbles<kForm>(second, high_rest, high_dots);
    }
    const v128_t x_scale = wasm_v128_load32_splat(x_scales + b);
    low_sum = add_block(low_sum, end_nibbles<kForm>(low_dots, offset, ones),
                        load_scales(block, fields, unit), x_scale);
    high_sum = add_block(high_sum, end_nibbles<kForm>(high_dots, offset, ones),
                         load_scales(block + 8, fields, unit), x_scale);
  }
  store_outputs(p, m, low_sum, high_sum);
}

template <DotForm kForm>
void multiply_rows(const PanelProduct& product) {
  for (size_t m = 0; m < product.n_x_rows; ++m) multiply_row<kForm>(product, m);
}

}  // namespace

void q4_pairs(const PanelProduct& product) { multiply_rows<DotForm::kPairs>(product); }
void q4_quads(const PanelProduct& product) { multiply_rows<DotForm::kQuads>(product); }

}  // namespace sotto
