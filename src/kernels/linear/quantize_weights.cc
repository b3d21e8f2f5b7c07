#include "kernels/linear/quantize_weights.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/half.h"
#include "kernels/reduce_f32x4.h"

namespace sotto {
namespace {

constexpr float kMostScale = 65504.0F;  // of f16

void store_scale(float scale, size_t row, uint8_t* block) {
  const uint16_t bits = f16_from_f32(scale);
  std::memcpy(block + 2 * row, &bits, sizeof bits);
}

float load_scale(const uint8_t* block, size_t row) {
  uint16_t bits;
  std::memcpy(&bits, block + 2 * row, sizeof bits);
  return f32_from_f16(bits);
}

bool is_usable(float scale) { return std::fabs(scale) <= kMostScale; }  // false for NaN

// NaN when one of the 32 is NaN.
float largest_magnitude(const float* x) {
  v128_t most = wasm_i32x4_const_splat(0);
  for (size_t k = 0; k < kBlockColumns; k += 4) most = max_magnitude(most, wasm_v128_load(x + k));
  return largest_of_magnitudes(most);
}

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
void quantize_block(const float* x, float inverse, ToInteger to_integer, uint8_t* q) {
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

// d = largest magnitude / 127; q = x / d, halves away from zero.
bool quantize_q8(const float* x, size_t row, uint8_t* block) {
  const float scale = largest_magnitude(x) / 127.0F;
  if (!is_usable(scale)) return false;
  store_scale(scale, row, block);
  uint8_t q[kBlockColumns];
  quantize_block(x, scale == 0 ? 0.0F : 1.0F / scale, round_away, q);
  uint8_t* const out = block + kBlockScaleBytes + 4 * row;
  for (size_t k = 0; k < kBlockColumns; k += 4) std::memcpy(out + k * 8, q + k, 4);
  return true;
}

// d = the weight of largest magnitude (the first of those) / -8; q = x / d + 8, to the nearest in
// 0 .. 15.
bool quantize_q4(const float* x, size_t row, uint8_t* block) {
  const float most = largest_magnitude(x);
  if (!is_usable(most / 8.0F)) return false;
  const float* const extreme = std::find_if(
      x, x + kBlockColumns, [most](float weight) { return std::fabs(weight) == most; });
  const float scale = *extreme / -8.0F;
  store_scale(scale, row, block);
  const auto shifted = [](v128_t v) {
    return wasm_f32x4_pmin(wasm_f32x4_add(v, wasm_f32x4_splat(8.5F)), wasm_f32x4_splat(15.0F));
  };
  uint8_t q[kBlockColumns];
  quantize_block(x, scale == 0 ? 0.0F : 1.0F / scale, shifted, q);
  uint8_t* const out = block + kBlockScaleBytes + 4 * row;
  for (size_t k = 0; k < kBlockColumns; k += 8) {
    uint32_t low;
    uint32_t high;
    std::memcpy(&low, q + k, 4);
    std::memcpy(&high, q + k + 4, 4);
    low |= high << 4;
    std::memcpy(out + k * 4, &low, 4);
  }
  return true;
}

}  // namespace

bool quantize_weight_row(WeightType type, const float* weights, size_t columns, size_t row_in_panel,
                         uint8_t* panel) {
  const auto quantize = type == WeightType::kQ8 ? quantize_q8 : quantize_q4;
  size_t k = 0;
  for (; k + kBlockColumns <= columns; k += kBlockColumns, panel += block_bytes(type)) {
    if (!quantize(weights + k, row_in_panel, panel)) return false;
  }
  if (k == columns) return true;
  float padded[kBlockColumns] = {};
  std::copy(weights + k, weights + columns, padded);
  return quantize(padded, row_in_panel, panel);
}

void dequantize_weight_row(WeightType type, const uint8_t* panel, size_t columns,
                           size_t row_in_panel, float* weights) {
  for (size_t begin = 0; begin < columns; begin += kBlockColumns, panel += block_bytes(type)) {
    const float scale = load_scale(panel, row_in_panel);
    const uint8_t* const in = panel + kBlockScaleBytes + 4 * row_in_panel;
    const size_t n = std::min(kBlockColumns, columns - begin);
    for (size_t k = 0; k < n; ++k) {
      const int q = type == WeightType::kQ8
                        ? static_cast<int8_t>(in[k / 4 * 32 + k % 4])
                        : (in[k / 8 * 32 + k % 4] >> (k % 8 < 4 ? 0 : 4) & 15) - 8;
      weights[begin + k] = scale * static_cast<float>(q);
    }
  }
}

}  // namespace sotto
