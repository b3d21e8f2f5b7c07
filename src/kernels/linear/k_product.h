// Products of K types with one row of x, in every form.
#pragma once

#include "kernels/linear/k_dot.h"
#include "kernels/linear/nibble_dot.h"
#include "kernels/linear/panel_kernel.h"

namespace sotto {

// The products with a block of 32 columns, of rows 0 .. 3 and 4 .. 7, times the weights' scales.
template <typename Blocks, DotForm kForm>
void dot_k_block(const uint8_t* block, const uint8_t* x, const int16_t* pair_sums,
                 const typename Blocks::Unpacker& unpacker, const KDot<Blocks, kForm>& dot,
                 v128_t* products) {
  constexpr bool kEndsTwice = kSumColumns<Blocks, kForm> == 16;
  constexpr size_t kXBytes = 16 * element_bytes(kKLayout<kForm>);
  v128_t scales[2];
  v128_t sums[2];
  if (!kEndsTwice) sums[0] = sums[1] = dot.begin(pair_sums);
  products[0] = products[1] = wasm_i32x4_const_splat(0);
#pragma clang loop unroll_count(Blocks::kUnrolledHalves)
  for (size_t half = 0; half < 2; ++half) {
    if (kEndsTwice) sums[0] = sums[1] = dot.begin(pair_sums + 2 * half);
#pragma clang loop unroll(full)
    for (size_t quad = 0; quad < 2; ++quad) {
      v128_t groups[4];
      unpacker.unpack(block + kKScaleBytes, half, quad, groups);
      for (size_t i = 0; i < 4; ++i) {
        sums[quad] = dot.add(sums[quad], groups[i], dot.load(x + kXBytes * half, i));
      }
    }
    if (half == 0 && !kEndsTwice) continue;
    dot.load_scales(block + (kScaleColumns<Blocks> == 16 ? kPanelRows * half : 0), scales);
    for (size_t quad = 0; quad < 2; ++quad) {
      products[quad] = wasm_i32x4_add(products[quad], dot.end(sums[quad], scales[quad]));
    }
  }
}

// q4_k in plain SIMD: its nibbles need not become bytes on their way.
template <>
inline void dot_k_block(const uint8_t* block, const uint8_t* x, const int16_t*,
                        const Q4KBlocks::Unpacker&, const KDot<Q4KBlocks, DotForm::kAny>& dot,
                        v128_t* products) {
  v128_t sums[2];
  sums[0] = sums[1] = wasm_i32x4_const_splat(0);
#pragma clang loop unroll(full)
  for (size_t group = 0; group < kBlockColumns / 8; ++group) {
    const uint8_t* const w = block + kKScaleBytes + 32 * group;
    const PairedColumns paired(x + 16 * group);
    sums[0] = wasm_i32x4_add(sums[0], dot_nibbles(wasm_v128_load(w), dot.mask, paired));
    sums[1] = wasm_i32x4_add(sums[1], dot_nibbles(wasm_v128_load(w + 16), dot.mask, paired));
  }
  v128_t scales[2];
  dot.load_scales(block, scales);
  for (size_t quad = 0; quad < 2; ++quad) products[quad] = dot.end(sums[quad], scales[quad]);
}

template <typename Blocks, DotForm kForm>
void multiply_k_row(const PanelProduct& p, size_t m) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const typename Blocks::Unpacker unpacker;
  const KDot<Blocks, kForm> dot;
  const size_t n_blocks = p.x.n_blocks;
  const uint8_t* x = p.x.values + m * tile_bytes(kKLayout<kForm>, n_blocks);
  const float* x_scales = p.x.scales + m * n_blocks;
  const float* x_offsets = p.x.offsets + m * n_blocks;
  const int16_t* pair_sums = p.x.pair_sums + 4 * m * n_blocks;
  const uint8_t* block = p.panel;
  v128_t y[2];
  y[0] = y[1] = wasm_f32x4_const_splat(0);

  for (size_t n = 0; n < n_blocks; n += kKBlocks) {
    v128_t d[2];
    v128_t dmin[2];
    for (size_t quad = 0; quad < 2; ++quad) {
      d[quad] = load_scales(block + 8 * quad, fields, unit);
      if constexpr (kHasMinimum<Blocks>) {
        dmin[quad] = load_scales(block + kBlockScaleBytes + 8 * quad, fields, unit);
      }
    }
    block += kKHeadBytes<Blocks>;
#pragma clang loop unroll(disable)
    for (size_t b = 0; b < kKBlocks; ++b) {
      v128_t products[2];
      dot_k_block(block, x, pair_sums, unpacker, dot, products);
      const v128_t x_scale = wasm_v128_load32_splat(x_scales);
      for (size_t quad = 0; quad < 2; ++quad) {
        y[quad] = add_block(y[quad], products[quad], d[quad], x_scale);
      }
      if constexpr (kHasMinimum<Blocks>) {
        const v128_t offset = wasm_v128_load32_splat(x_offsets);
        v128_t minima[2];
        load_minima(block + kPanelRows, minima);
        for (size_t quad = 0; quad < 2; ++quad) {
          const v128_t weights = wasm_f32x4_mul(dmin[quad], minima[quad]);
          y[quad] = wasm_f32x4_sub(y[quad], wasm_f32x4_mul(weights, offset));
        }
      }
      block += kKBlockBytes<Blocks>;
      x += tile_bytes(kKLayout<kForm>, 1);
      ++x_scales;
      ++x_offsets;
      pair_sums += 4;
    }
  }
  store_outputs(p, m, y[0], y[1]);
}

template <typename Blocks, DotForm kForm>
void multiply_k_rows(const PanelProduct& product) {
  for (size_t m = 0; m < product.n_x_rows; ++m) multiply_k_row<Blocks, kForm>(product, m);
}

}  // namespace sotto
