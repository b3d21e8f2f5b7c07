// The K types' blocks of 32 columns in a panel (drawn in tensor/weight_type.h), as their kernels
// and their codec see them: each type is a class with
//   kType, kHasMinimum, kScaleColumns   of weight_types.inc
//   kPairColumns  columns whose pairs of products with int8 fit an i16 when they are added up there
//   kZero         what q stands for 0
//   kUnrolledHalves  of the two halves of 32 columns, how many a loop over them takes at once: what
//                 is faster in V8, which loads all that a stretch of code needs at its beginning,
//                 and spills it
//   unpack()      of 16 columns (the first half of 32, or the last) of 4 rows (0 .. 3, or 4 .. 7)
//                 four groups of 4 columns; of type Unpacker, whose masks stay in registers
//   pack()        the reverse, for one column of each of the four groups and one row
#pragma once

#include "kernels/linear/panel_product.h"

namespace sotto {

constexpr size_t kKBlocks = kKBlockColumns / kBlockColumns;  // of 32 columns, in a block of a file
constexpr size_t kKScaleBytes = 16;                          // before the weights of 32 columns

inline v128_t masked(v128_t v, v128_t mask) { return wasm_v128_and(v, mask); }

struct Q4KBlocks {
  static constexpr WeightType kType = WeightType::kQ4K;
  static constexpr size_t kPairColumns = 32;  // 16 products of a lane: 16 * 15 * 127 = 30480
  static constexpr int kZero = 0;
  static constexpr size_t kWeightBytes = 128;
  static constexpr size_t kUnrolledHalves = 1;

  struct Unpacker {
    v128_t low = wasm_v128_load(kernel_constants->low_nibbles);

    void unpack(const uint8_t* weights, size_t half, size_t quad, v128_t* groups) const {
      for (size_t i = 0; i < 2; ++i) {
        const v128_t v = wasm_v128_load(weights + 64 * half + 32 * i + 16 * quad);
        groups[2 * i] = masked(v, low);
        groups[2 * i + 1] = masked(wasm_u16x8_shr(v, 4), low);
      }
    }
  };

  static void pack(const uint8_t* q, size_t half, size_t quad, size_t byte, uint8_t* weights) {
    uint8_t* const out = weights + 64 * half + 16 * quad + byte;
    out[0] = q[0] | q[1] << 4;
    out[32] = q[2] | q[3] << 4;
  }
};

struct Q5KBlocks {
  static constexpr WeightType kType = WeightType::kQ5K;
  static constexpr size_t kPairColumns = 16;  // 8 * 31 * 127 = 31496
  static constexpr int kZero = 0;
  static constexpr size_t kWeightBytes = 160;
  static constexpr size_t kUnrolledHalves = 2;

  struct Unpacker {
    v128_t low = wasm_v128_load(kernel_constants->bits_0_4);
    v128_t upper = wasm_v128_load(kernel_constants->bits_2_4);
    v128_t rest = wasm_v128_load(kernel_constants->bits_0_1);

    void unpack(const uint8_t* weights, size_t half, size_t quad, v128_t* groups) const {
      const v128_t rests = wasm_v128_load(weights + 80 * half + 64);
      for (size_t i = 0; i < 2; ++i) {
        const v128_t v = wasm_v128_load(weights + 80 * half + 32 * quad + 16 * i);
        const size_t shift = 4 * quad + 2 * i;
        const v128_t r = masked(shift == 0 ? rests : wasm_u16x8_shr(rests, shift), rest);
        groups[2 * i] = masked(v, low);
        groups[2 * i + 1] = wasm_v128_or(masked(wasm_u16x8_shr(v, 3), upper), r);
      }
    }
  };

  static void pack(const uint8_t* q, size_t half, size_t quad, size_t byte, uint8_t* weights) {
    uint8_t* const out = weights + 80 * half + byte;
    out[32 * quad] = q[0] | q[1] >> 2 << 5;
    out[32 * quad + 16] = q[2] | q[3] >> 2 << 5;
    const uint8_t rest = (q[1] & 3) | (q[3] & 3) << 2;
    out[64] = quad == 0 ? (out[64] & 0xF0) | rest : (out[64] & 0x0F) | rest << 4;
  }
};

struct Q6KBlocks {
  static constexpr WeightType kType = WeightType::kQ6K;
  static constexpr size_t kPairColumns = 16;  // 8 * 32 * 127 = 32512 of q - 32: k_dot.h
  static constexpr int kZero = 32;
  static constexpr size_t kWeightBytes = 192;
  static constexpr size_t kUnrolledHalves = 1;

  struct Unpacker {
    v128_t low = wasm_v128_load(kernel_constants->bits_0_5);
    v128_t first = wasm_v128_load(kernel_constants->bits_4_5);
    v128_t second = wasm_v128_load(kernel_constants->bits_2_3);
    v128_t third = wasm_v128_load(kernel_constants->bits_0_1);

    void unpack(const uint8_t* weights, size_t half, size_t quad, v128_t* groups) const {
      const uint8_t* const in = weights + 96 * half + 48 * quad;
      const v128_t a = wasm_v128_load(in);
      const v128_t b = wasm_v128_load(in + 16);
      const v128_t c = wasm_v128_load(in + 32);
      groups[0] = masked(a, low);
      groups[1] = masked(b, low);
      groups[2] = masked(c, low);
      groups[3] = wasm_v128_or(
          wasm_v128_or(masked(wasm_u16x8_shr(a, 2), first), masked(wasm_u16x8_shr(b, 4), second)),
          masked(wasm_u16x8_shr(c, 6), third));
    }
  };

  static void pack(const uint8_t* q, size_t half, size_t quad, size_t byte, uint8_t* weights) {
    uint8_t* const out = weights + 96 * half + 48 * quad + byte;
    out[0] = q[0] | q[3] >> 4 << 6;
    out[16] = q[1] | (q[3] >> 2 & 3) << 6;
    out[32] = q[2] | (q[3] & 3) << 6;
  }
};

template <typename Blocks>
constexpr bool kHasMinimum = traits_of(Blocks::kType).has_minimum;
template <typename Blocks>
constexpr size_t kScaleColumns = traits_of(Blocks::kType).scale_columns;

// The scales d, and dmin, before the blocks of 32 columns.
template <typename Blocks>
constexpr size_t kKHeadBytes = kBlockScaleBytes * (kHasMinimum<Blocks> ? 2 : 1);
template <typename Blocks>
constexpr size_t kKBlockBytes = kKScaleBytes + Blocks::kWeightBytes;  // of 32 columns

template <typename Blocks>
constexpr bool kHasItsSize =
    kKHeadBytes<Blocks> + kKBlocks * kKBlockBytes<Blocks> == block_bytes(Blocks::kType);
static_assert(kHasItsSize<Q4KBlocks> && kHasItsSize<Q5KBlocks> && kHasItsSize<Q6KBlocks>);

}  // namespace sotto
