#include "kernels/convert_to_f32.h"

#include <wasm_simd128.h>

#include <cstdint>
#include <cstring>

#include "base/half.h"

namespace sotto {
namespace {

// Eight bf16 become the upper halves of eight f32: interleaving zeros in front does it.
void convert_bf16(const uint8_t* in, size_t count, float* out) {
  const v128_t zero = wasm_i32x4_const_splat(0);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const v128_t x = wasm_v128_load(in + 2 * i);
    wasm_v128_store(out + i, wasm_i16x8_shuffle(zero, x, 0, 8, 1, 9, 2, 10, 3, 11));
    wasm_v128_store(out + i + 4, wasm_i16x8_shuffle(zero, x, 4, 12, 5, 13, 6, 14, 7, 15));
  }
  for (; i < count; ++i) {
    uint16_t bits;
    std::memcpy(&bits, in + 2 * i, sizeof bits);
    out[i] = f32_from_bf16(bits);
  }
}

// As f32_from_f16 does it, four at a time; lanes that are infinite or NaN get their exponent back
// by a mask.
v128_t widen_f16(v128_t bits) {
  const v128_t sign = wasm_i32x4_shl(wasm_v128_and(bits, wasm_i32x4_splat(0x8000)), 16);
  const v128_t fields = wasm_i32x4_shl(wasm_v128_and(bits, wasm_i32x4_splat(0x7FFF)), 13);
  const v128_t value = wasm_f32x4_mul(fields, wasm_f32x4_splat(0x1p112F));
  const v128_t is_special = wasm_i32x4_ge(fields, wasm_i32x4_splat(0x7C00 << 13));
  const v128_t special = wasm_v128_or(fields, wasm_i32x4_splat(0x7F800000));
  return wasm_v128_or(sign, wasm_v128_bitselect(special, value, is_special));
}

void convert_f16(const uint8_t* in, size_t count, float* out) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    wasm_v128_store(out + i, widen_f16(wasm_u32x4_load16x4(in + 2 * i)));
  }
  for (; i < count; ++i) {
    uint16_t bits;
    std::memcpy(&bits, in + 2 * i, sizeof bits);
    out[i] = f32_from_f16(bits);
  }
}

}  // namespace

void convert_to_f32(const void* in, DType dtype, size_t count, float* out) {
  const auto* const bytes = static_cast<const uint8_t*>(in);
  switch (dtype) {
    case DType::kF32:
      std::memcpy(out, bytes, count * sizeof(float));
      return;
    case DType::kF16:
      return convert_f16(bytes, count, out);
    case DType::kBf16:
      return convert_bf16(bytes, count, out);
  }
}

}  // namespace sotto
