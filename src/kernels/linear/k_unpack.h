// A panel of a K type unpacked into the scratch memory, for products with many rows of x: each row
// of them then needs only dot products and additions.
#pragma once

#include "kernels/linear/k_dot.h"

namespace sotto {

// Before 8 blocks of 32 columns come the scales d of 8 rows as f32. Of 32 columns: the scales as
// KDot wants them, once or for each half, 32 bytes; in types with minima, dmin * mn as f32, 32
// bytes; 8 groups of 4 columns, each 32 bytes.
constexpr size_t kUnpackedHeadBytes = kPanelRows * sizeof(float);
template <typename Blocks>
constexpr size_t kUnpackedMinima = 32 * (kBlockColumns / kScaleColumns<Blocks>);
template <typename Blocks>
constexpr size_t kUnpackedWeights = kUnpackedMinima<Blocks> + (kHasMinimum<Blocks> ? 32 : 0);
template <typename Blocks>
constexpr size_t kUnpackedBytes = kUnpackedWeights<Blocks> + kPanelRows * kBlockColumns;

template <typename Blocks>
constexpr bool kFitsScratch =
    kUnpackedHeadBytes + kKBlocks * kUnpackedBytes<Blocks> <= scratch_bytes(kKBlocks);
static_assert(kFitsScratch<Q4KBlocks> && kFitsScratch<Q5KBlocks> && kFitsScratch<Q6KBlocks>);

// Of 32 columns; weights become q - zeros. dmin: of rows 0 .. 3 and 4 .. 7.
template <typename Blocks, DotForm kForm>
void unpack_k_block(const uint8_t* in, const typename Blocks::Unpacker& unpacker, v128_t zeros,
                    const v128_t* dmin, uint8_t* out) {
  for (size_t half = 0; half < kBlockColumns / kScaleColumns<Blocks>; ++half) {
    v128_t scales[2];
    KDot<Blocks, kForm>::load_scales(in + kPanelRows * half, scales);
    wasm_v128_store(out + 32 * half, scales[0]);
    wasm_v128_store(out + 32 * half + 16, scales[1]);
  }
  if constexpr (kHasMinimum<Blocks>) {
    v128_t minima[2];
    load_minima(in + kPanelRows, minima);
    for (size_t quad = 0; quad < 2; ++quad) {
      wasm_v128_store(out + kUnpackedMinima<Blocks> + 16 * quad,
                      wasm_f32x4_mul(dmin[quad], minima[quad]));
    }
  }
  uint8_t* const weights = out + kUnpackedWeights<Blocks>;
#pragma clang loop unroll(full)
  for (size_t half = 0; half < 2; ++half) {
#pragma clang loop unroll(full)
    for (size_t quad = 0; quad < 2; ++quad) {
      v128_t groups[4];
      unpacker.unpack(in + kKScaleBytes, half, quad, groups);
      for (size_t i = 0; i < 4; ++i) {
        wasm_v128_store(weights + 128 * half + 32 * i + 16 * quad,
                        wasm_i8x16_sub(groups[i], zeros));
      }
    }
  }
}

// zero: what is taken off every q
template <typename Blocks, DotForm kForm>
void unpack_k_panel(const PanelProduct& p, int8_t zero) {
  const v128_t fields = wasm_v128_load(kernel_constants->f16_fields);
  const v128_t unit = wasm_v128_load(kernel_constants->f16_unit);
  const v128_t zeros = wasm_i8x16_splat(zero);
  const typename Blocks::Unpacker unpacker;
  const uint8_t* in = p.panel;
  uint8_t* out = p.scratch;
  for (size_t n = 0; n < p.x.n_blocks; n += kKBlocks) {
    v128_t dmin[2];
    for (size_t quad = 0; quad < 2; ++quad) {
      wasm_v128_store(out + 16 * quad, load_scales(in + 8 * quad, fields, unit));
      dmin[quad] =
          load_scales(in + kKHeadBytes<Blocks> - kBlockScaleBytes + 8 * quad, fields, unit);
    }
    in += kKHeadBytes<Blocks>;
    out += kUnpackedHeadBytes;
    for (size_t b = 0; b < kKBlocks; ++b) {
      unpack_k_block<Blocks, kForm>(in, unpacker, zeros, dmin, out);
      in += kKBlockBytes<Blocks>;
      out += kUnpackedBytes<Blocks>;
    }
  }
}

// The share of a block of 32 columns in one row of y. products: times the weights' scales; d: the
// unpacked head's; block: unpacked.
template <typename Blocks>
void add_k_block(const v128_t* products, const uint8_t* d, const uint8_t* block,
                 const float* x_scale, const float* x_offset, v128_t* y) {
  const v128_t scale = wasm_v128_load32_splat(x_scale);
  const v128_t offset = wasm_v128_load32_splat(x_offset);
  for (size_t quad = 0; quad < 2; ++quad) {
    y[quad] = add_block(y[quad], products[quad], wasm_v128_load(d + 16 * quad), scale);
    if constexpr (kHasMinimum<Blocks>) {
      const v128_t minima = wasm_v128_load(block + kUnpackedMinima<Blocks> + 16 * quad);
      y[quad] = wasm_f32x4_sub(y[quad], wasm_f32x4_mul(minima, offset));
    }
  }
}

}  // namespace sotto
