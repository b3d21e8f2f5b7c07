#include "kernels/linear/quantize_weights.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/half.h"
#include "kernels/integer_scale.h"
#include "kernels/linear/dequantize_blocks.h"
#include "kernels/linear/k_codec.h"
#include "kernels/linear/panel_scales.h"

namespace sotto {
namespace {

// To the nearest integer, halves away from zero, as C's round().
v128_t round_away(v128_t x) {
  const v128_t whole = wasm_f32x4_trunc(x);
  const v128_t rest = wasm_f32x4_abs(wasm_f32x4_sub(x, whole));
  const v128_t sign = wasm_v128_and(x, wasm_i32x4_splat(INT32_MIN));
  const v128_t step = wasm_v128_and(wasm_f32x4_ge(rest, wasm_f32x4_splat(0.5F)),
                                    wasm_v128_or(sign, wasm_f32x4_splat(1.0F)));
  return wasm_f32x4_add(whole, step);
}

// q[k] = to_integer(x[k] * inverse) as a byte, k < 32. The results fit.
template <typename ToInteger>
void to_integers(const float* x, float inverse, ToInteger to_integer, uint8_t* q) {
  const v128_t factor = wasm_f32x4_splat(inverse);
  const auto four = [&](size_t k) {
    return wasm_i32x4_trunc_sat_f32x4(to_integer(wasm_f32x4_mul(wasm_v128_load(x + k), factor)));
  };
  for (size_t k = 0; k < kBlockColumns; k += 16) {
    const v128_t low = wasm_i16x8_narrow_i32x4(four(k), four(k + 4));
    const v128_t high = wasm_i16x8_narrow_i32x4(four(k + 8), four(k + 12));
    wasm_v128_store(q + k, wasm_i8x16_narrow_i16x8(low, high));
  }
}

// Eight rows' integers stand side by side, four columns of a row together.
uint8_t* integers_of(size_t row, uint8_t* block) { return block + kBlockScaleBytes + 4 * row; }
const uint8_t* integers_of(size_t row, const uint8_t* block) {
  return block + kBlockScaleBytes + 4 * row;
}

// A codec knows one block of one row, as numbers, in a panel and in a file:
//   quantize    false when a weight is not finite or too large
//   dequantize  the integer of column k; a weight is scale * integer
//   take        the integers behind a file block's scale
//   hold        integers, or false when one is none of the type's
struct Q8Codec {
  // d = largest magnitude / 127; q = x / d, halves away from zero.
  static bool quantize(const float* x, size_t row, uint8_t* block) {
    const float scale = largest_magnitude(x, kBlockColumns) / 127.0F;
    if (!is_usable(scale)) return false;
    store_scale(scale, row, block);
    uint8_t q[kBlockColumns];
    to_integers(x, scale == 0 ? 0.0F : 1.0F / scale, round_away, q);
    take(q, row, block);
    return true;
  }
  static int dequantize(const uint8_t* in, size_t k) {
    return static_cast<int8_t>(in[k / 4 * 32 + k % 4]);
  }
  static void take(const uint8_t* q, size_t row, uint8_t* block) {
    uint8_t* const out = integers_of(row, block);
    for (size_t k = 0; k < kBlockColumns; k += 4) std::memcpy(out + k * 8, q + k, 4);
  }
  static bool hold(const int8_t* q, size_t row, uint8_t* block) {
    take(reinterpret_cast<const uint8_t*>(q), row, block);
    return true;
  }
};

struct Q4Codec {
  // d = the weight of largest magnitude (the first of those) / -8; q = x / d + 8, to the nearest in
  // 0 .. 15.
  static bool quantize(const float* x, size_t row, uint8_t* block) {
    const float most = largest_magnitude(x, kBlockColumns);
    if (!is_usable(most / 8.0F)) return false;
    const float* const extreme = std::find_if(
        x, x + kBlockColumns, [most](float weight) { return std::fabs(weight) == most; });
    const float scale = *extreme / -8.0F;
    store_scale(scale, row, block);
    const auto shifted = [](v128_t v) {
      return wasm_f32x4_pmin(wasm_f32x4_add(v, wasm_f32x4_splat(8.5F)), wasm_f32x4_splat(15.0F));
    };
    uint8_t q[kBlockColumns];
    to_integers(x, scale == 0 ? 0.0F : 1.0F / scale, shifted, q);
    store(q, row, block);
    return true;
  }
  static int dequantize(const uint8_t* in, size_t k) {
    return (in[k / 8 * 32 + k % 4] >> (k % 8 < 4 ? 0 : 4) & 15) - 8;
  }
  // In a file, byte k holds column k in its low half and column k + 16 in its high half.
  static void take(const uint8_t* nibbles, size_t row, uint8_t* block) {
    uint8_t q[kBlockColumns];
    for (size_t k = 0; k < kBlockColumns / 2; ++k) {
      q[k] = nibbles[k] & 15;
      q[k + kBlockColumns / 2] = nibbles[k] >> 4;
    }
    store(q, row, block);
  }
  static bool hold(const int8_t* q, size_t row, uint8_t* block) {
    uint8_t shifted[kBlockColumns];
    for (size_t k = 0; k < kBlockColumns; ++k) {
      if (q[k] < -8 || q[k] > 7) return false;
      shifted[k] = static_cast<uint8_t>(q[k] + 8);
    }
    store(shifted, row, block);
    return true;
  }
  static void store(const uint8_t* q, size_t row, uint8_t* block) {
    uint8_t* const out = integers_of(row, block);
    for (size_t k = 0; k < kBlockColumns; k += 8) {
      uint32_t low;
      uint32_t high;
      std::memcpy(&low, q + k, 4);
      std::memcpy(&high, q + k + 4, 4);
      low |= high << 4;
      std::memcpy(out + k * 4, &low, 4);
    }
  }
};

// f32 has no panels.
struct PlainCodec {
  static bool quantize(const float*, size_t, uint8_t*) { return false; }
  static int dequantize(const uint8_t*, size_t) { return 0; }
  static void take(const uint8_t*, size_t, uint8_t*) {}
  static bool hold(const int8_t*, size_t, uint8_t*) { return false; }
};

// One row of a panel, block after block.
template <typename Codec>
struct RowCodec {
  static bool quantize(const float* weights, size_t columns, size_t row, size_t block_bytes,
                       uint8_t* panel) {
    size_t k = 0;
    for (; k + kBlockColumns <= columns; k += kBlockColumns, panel += block_bytes) {
      if (!Codec::quantize(weights + k, row, panel)) return false;
    }
    if (k == columns) return true;
    float padded[kBlockColumns] = {};
    std::copy(weights + k, weights + columns, padded);
    return Codec::quantize(padded, row, panel);
  }
  static void dequantize(const uint8_t* panel, size_t columns, size_t row, size_t block_bytes,
                         float* weights) {
    for (size_t begin = 0; begin < columns; begin += kBlockColumns, panel += block_bytes) {
      const float scale = load_scale(panel, row);
      const uint8_t* const in = integers_of(row, panel);
      const size_t n = std::min(kBlockColumns, columns - begin);
      for (size_t k = 0; k < n; ++k) {
        weights[begin + k] = scale * static_cast<float>(Codec::dequantize(in, k));
      }
    }
  }
  static bool take(const uint8_t* blocks, size_t n_blocks, size_t row, const WeightTypeTraits& type,
                   uint8_t* panel) {
    for (size_t b = 0; b < n_blocks; ++b) {
      std::memcpy(panel + 2 * row, blocks, 2);
      if (!is_usable(load_scale(panel, row))) return false;
      Codec::take(blocks + 2, row, panel);
      blocks += type.file_block_bytes;
      panel += type.panel_block_bytes;
    }
    return true;
  }
  static bool convert(const uint8_t* blocks, BlockFormat format, size_t columns, size_t row,
                      size_t block_bytes, uint8_t* panel) {
    BlockColumns in;
    for (size_t begin = 0; begin < columns; begin += kBlockColumns, panel += block_bytes) {
      if (!read_block_columns(format, blocks, begin, &in)) return false;
      const bool has_scale = in.is_integral && is_usable(in.scale);
      if (has_scale && Codec::hold(in.q, row, panel)) {
        store_scale(in.scale, row, panel);
      } else if (!Codec::quantize(in.values, row, panel)) {
        return false;
      }
    }
    return true;
  }
};

template <typename Blocks, typename File>
struct RowCodec<KCodec<Blocks, File>> : KCodec<Blocks, File> {};

// The functions of each type, in the order of the enumeration.
struct RowFunctions {
  decltype(&RowCodec<PlainCodec>::quantize) quantize;
  decltype(&RowCodec<PlainCodec>::dequantize) dequantize;
  decltype(&RowCodec<PlainCodec>::take) take;
  decltype(&RowCodec<PlainCodec>::convert) convert;
};
constexpr RowFunctions kRowFunctions[] = {
#define SOTTO_WEIGHT_TYPE(enumerator, name, can_quantize, file_type, columns, file_bytes,  \
                          panel_bytes, scale_columns, has_minimum, most_activation, codec) \
  {RowCodec<codec>::quantize, RowCodec<codec>::dequantize, RowCodec<codec>::take,          \
   RowCodec<codec>::convert},
#include "tensor/weight_types.inc"
#undef SOTTO_WEIGHT_TYPE
};

const RowFunctions& functions_of(WeightType type) {
  SOTTO_CHECK(type != WeightType::kF32);
  return kRowFunctions[static_cast<size_t>(type)];
}

}  // namespace

bool quantize_weight_row(WeightType type, const float* weights, size_t columns, size_t row_in_panel,
                         uint8_t* panel) {
  SOTTO_CHECK(traits_of(type).can_quantize);
  return functions_of(type).quantize(weights, columns, row_in_panel, block_bytes(type), panel);
}

bool take_weight_blocks(WeightType type, const uint8_t* blocks, size_t n_blocks,
                        size_t row_in_panel, uint8_t* panel) {
  return functions_of(type).take(blocks, n_blocks, row_in_panel, traits_of(type), panel);
}

bool take_converted_blocks(WeightType type, BlockFormat format, const uint8_t* blocks,
                           size_t columns, size_t row_in_panel, uint8_t* panel) {
  return functions_of(type).convert(blocks, format, columns, row_in_panel, block_bytes(type),
                                    panel);
}

void dequantize_weight_row(WeightType type, const uint8_t* panel, size_t columns,
                           size_t row_in_panel, float* weights) {
  functions_of(type).dequantize(panel, columns, row_in_panel, block_bytes(type), weights);
}

}  // namespace sotto
