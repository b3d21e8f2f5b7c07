// One f16 scale of a block of a panel, in its place among those of the panel's rows.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/half.h"

namespace sotto {

constexpr float kMostScale = 65504.0F;  // of f16

inline void store_scale(float scale, size_t row, uint8_t* block) {
  const uint16_t bits = f16_from_f32(scale);
  std::memcpy(block + 2 * row, &bits, sizeof bits);
}

inline float load_scale(const uint8_t* block, size_t row) {
  uint16_t bits;
  std::memcpy(&bits, block + 2 * row, sizeof bits);
  return f32_from_f16(bits);
}

inline bool is_usable(float scale) { return std::fabs(scale) <= kMostScale; }  // false for NaN

}  // namespace sotto
