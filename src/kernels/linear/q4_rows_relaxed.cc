// As q4_relaxed.cc, for many rows of x: the panel is unpacked once, to a byte for each nibble and
// f32 scales, and every row of x needs only dot products and additions.
#include "kernels/linear/panel_kernel.h"
#include "kernels/linear/relaxed_dot.h"

namespace sotto {
namespace {

constexpr size_t kRows = tile_rows(RowLayout::kI8Tiles);
constexpr size_t kScaleBytes = kPanelRows * sizeof(float);

// A block becomes 8 f32 scales and 8 groups of 4 columns, each 32 bytes, in the order of q8.
void unpack(const PanelProduct& p) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const v128_t mask = wasm_v128_load(kernel_constants->low_nibbles);
  const uint8_t* in = p.panel;
  uint8_t* out = p.scratch;
  for (size_t b = 0; b < p.x.n_blocks; ++b) {
    wasm_v128_store(out, load_scales(in, fields, unit));
    wasm_v128_store(out + 16, load_scales(in + 8, fields, unit));
    in += kBlockScaleBytes;
    out += kScaleBytes;
    for (size_t group = 0; group < kBlockColumns / 8; ++group, in += 32, out += 64) {
      const v128_t low = wasm_v128_load(in);
      const v128_t high = wasm_v128_load(in + 16);
      wasm_v128_store(out, wasm_v128_and(low, mask));
      wasm_v128_store(out + 16, wasm_v128_and(high, mask));
      wasm_v128_store(out + 32, wasm_u8x16_shr(low, 4));
      wasm_v128_store(out + 48, wasm_u8x16_shr(high, 4));
    }
  }
}

template <DotForm kForm>
void multiply_tile(const PanelProduct& p, size_t tile) {
  const v128_t ones = wasm_v128_load(kernel_constants->ones);
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + tile * tile_bytes(RowLayout::kI8Tiles, n_blocks);
  const float* x_scales = p.x.scales + tile * n_blocks * kRows;
  const int32_t* x_sums = p.x.sums + tile * n_blocks * kRows;
  const uint8_t* w = p.scratch;
  v128_t sums[kRows][2];
  for (auto& sum : sums) sum[0] = sum[1] = wasm_f32x4_const_splat(0);

  for (size_t b = 0; b < n_blocks; ++b, x_scales += kRows, x_sums += kRows) {
    const uint8_t* const scales = w;
    w += kScaleBytes;
    v128_t dots[kRows][2];
    for (size_t row = 0; row < kRows; ++row) {
      dots[row][0] = dots[row][1] = begin_nibbles<kForm>(wasm_i32x4_splat(-8 * x_sums[row]));
    }
    // Not unrolled: the compiler would reorder it row by row, and keep all weights on the stack.
#pragma clang loop unroll(disable)
    for (size_t group = 0; group < kBlockColumns / 4; ++group, w += 32, x += 4 * kRows) {
      const v128_t low = wasm_v128_load(w);
      const v128_t high = wasm_v128_load(w + 16);
#pragma clang loop unroll(full)
      for (size_t row = 0; row < kRows; ++row) {
        const v128_t columns = wasm_v128_load32_splat(x + 4 * row);
        dots[row][0] = add_nibbles<kForm>(columns, low, dots[row][0]);
        dots[row][1] = add_nibbles<kForm>(columns, high, dots[row][1]);
      }
    }
#pragma clang loop unroll(full)
    for (size_t row = 0; row < kRows; ++row) {
      const v128_t x_scale = wasm_v128_load32_splat(x_scales + row);
      const v128_t offset = wasm_i32x4_splat(-8 * x_sums[row]);
      for (size_t half = 0; half < 2; ++half) {
        const v128_t dot = end_nibbles<kForm>(dots[row][half], offset, ones);
        sums[row][half] =
            add_block(sums[row][half], dot, wasm_v128_load(scales + 16 * half), x_scale);
      }
    }
  }
  for (size_t row = 0; row < kRows && tile * kRows + row < p.n_x_rows; ++row) {
    store_outputs(p, tile * kRows + row, sums[row][0], sums[row][1]);
  }
}

template <DotForm kForm>
void multiply_rows(const PanelProduct& product) {
  unpack(product);
  for (size_t tile = 0; tile * kRows < product.n_x_rows; ++tile) {
    multiply_tile<kForm>(product, tile);
  }
}

}  // namespace

void q4_rows_pairs(const PanelProduct& product) { multiply_rows<DotForm::kPairs>(product); }
void q4_rows_quads(const PanelProduct& product) { multiply_rows<DotForm::kQuads>(product); }

}  // namespace sotto
