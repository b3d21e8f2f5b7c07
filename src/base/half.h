// Widening of the two 16-bit float formats to f32, exact for every input, NaN payloads and
// subnormals included.
#pragma once

#include <bit>
#include <cstdint>

namespace sotto {

// IEEE 754 binary16: sign 1, exponent 5, fraction 10.
inline float f32_from_f16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000U) << 16;
  const uint32_t magnitude = bits & 0x7FFFU;
  if (magnitude >= 0x7C00U) return std::bit_cast<float>(sign | 0x7F800000U | (magnitude << 13));
  // The fields moved into an f32 read as value * 2^-112; the product restores it and is exact.
  const float value = std::bit_cast<float>(magnitude << 13) * 0x1p112F;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(value));
}

// bfloat16: the upper half of an f32.
inline float f32_from_bf16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

}  // namespace sotto
