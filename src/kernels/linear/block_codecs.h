// The values of the blocks that files hold quantised weights in, to the bit: one codec for each row
// of tensor/block_formats.inc, after gguf-py's and ggml's definitions.
//
// A codec tells the groups of a block: columns that share a scale, and a summand where the format
// has one. A value is scale * q, or scale * q + offset, in f32, with one rounding for each
// operation.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/half.h"

namespace sotto {

constexpr size_t kMostGroupColumns = 32;

struct BlockGroup {
  float scale;
  float offset;  // where the codec has offsets
  int8_t q[kMostGroupColumns];
};

namespace block_codecs {

inline float half_at(const uint8_t* bytes) {
  uint16_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  return f32_from_f16(bits);
}

// Column k of 32 is the low half of byte k, or the high half of byte k - 16.
inline int nibble(const uint8_t* halves, size_t k) {
  return k < 16 ? halves[k] & 15 : halves[k - 16] >> 4;
}

constexpr int8_t kNonlinear[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                   1,    13,   25,  38,  53,  69,  89,  113};
// E2M1, twice its value.
constexpr int8_t kFp4[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// d, 32 x i8
struct Q80 {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t, BlockGroup* out) {
    out->scale = half_at(block);
    std::memcpy(out->q, block + 2, 32);
  }
};

// d, 16 bytes of halves: q - 8
struct Q40 {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t, BlockGroup* out) {
    out->scale = half_at(block);
    for (size_t k = 0; k < 32; ++k) out->q[k] = static_cast<int8_t>(nibble(block + 2, k) - 8);
  }
};

// d, m, 16 bytes of halves
struct Q41 {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = true;
  static void group(const uint8_t* block, size_t, BlockGroup* out) {
    out->scale = half_at(block);
    out->offset = half_at(block + 2);
    for (size_t k = 0; k < 32; ++k) out->q[k] = static_cast<int8_t>(nibble(block + 4, k));
  }
};

// Bit 4 of 32 integers, then their other halves.
inline int five_bits(const uint8_t* high, const uint8_t* halves, size_t k) {
  return nibble(halves, k) | (high[k / 8] >> k % 8 & 1) << 4;
}

// d, 4 bytes of bits 4, 16 bytes of halves: q - 16
struct Q50 {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t, BlockGroup* out) {
    out->scale = half_at(block);
    for (size_t k = 0; k < 32; ++k) {
      out->q[k] = static_cast<int8_t>(five_bits(block + 2, block + 6, k) - 16);
    }
  }
};

// d, m, 4 bytes of bits 4, 16 bytes of halves
struct Q51 {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = true;
  static void group(const uint8_t* block, size_t, BlockGroup* out) {
    out->scale = half_at(block);
    out->offset = half_at(block + 2);
    for (size_t k = 0; k < 32; ++k) {
      out->q[k] = static_cast<int8_t>(five_bits(block + 4, block + 8, k));
    }
  }
};

// Two bits of group g of 16: runs of 32 columns share 32 bytes, four to 128 columns.
inline int two_bits(const uint8_t* bytes, size_t g, size_t k) {
  return bytes[g / 8 * 32 + g % 2 * 16 + k] >> (g % 8 / 2 * 2) & 3;
}

// 16 bytes of scale (low half) and minimum (high half), 64 bytes of two bits, d, dmin
struct Q2K {
  static constexpr size_t kColumns = 16;
  static constexpr bool kHasOffset = true;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    out->scale = half_at(block + 80) * static_cast<float>(block[g] & 15);
    out->offset = -(half_at(block + 82) * static_cast<float>(block[g] >> 4));
    for (size_t k = 0; k < 16; ++k) out->q[k] = static_cast<int8_t>(two_bits(block + 16, g, k));
  }
};

// 32 bytes of bits 2 (clear: - 4), 64 bytes of two bits, 12 bytes of 16 scales of six bits, d
struct Q3K {
  static constexpr size_t kColumns = 16;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    out->scale = half_at(block + 108) * static_cast<float>(six_bits(block + 96, g));
    for (size_t k = 0; k < 16; ++k) {
      const bool is_high = (block[g % 2 * 16 + k] >> (g / 2) & 1) != 0;
      out->q[k] = static_cast<int8_t>(two_bits(block + 32, g, k) - (is_high ? 0 : 4));
    }
  }
  // The groups of a block have one scale, d, where the integers take in theirs: those are -32 to
  // 31, q is -4 to 3, and -d with the negative product, -128 to 124, is within 8 bits always. Equal
  // values, but for the sign of a zero.
  static void share_scale(const uint8_t* block, size_t g, BlockGroup* group) {
    for (size_t k = 0; k < 16; ++k) {
      group->q[k] = static_cast<int8_t>(-six_bits(block + 96, g) * group->q[k]);
    }
    group->scale = -half_at(block + 108);
  }

 private:
  static int six_bits(const uint8_t* scales, size_t g) {
    const int low = g < 8 ? scales[g] & 15 : scales[g - 8] >> 4;
    const int high = scales[8 + g % 4] >> (g / 4 * 2) & 3;
    return (low | high << 4) - 32;
  }
};

// The six bits of scale and of minimum of group g < 8, in 12 bytes.
inline int scale_of_12(const uint8_t* s, size_t g) {
  return g < 4 ? s[g] & 63 : (s[g + 4] & 15) | s[g - 4] >> 6 << 4;
}
inline int minimum_of_12(const uint8_t* s, size_t g) {
  return g < 4 ? s[g + 4] & 63 : s[g + 4] >> 4 | s[g] >> 6 << 4;
}

// d, dmin, 12 bytes of scales and minima, 128 bytes of halves: 32 bytes are two groups
struct Q4K {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = true;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    out->scale = half_at(block) * static_cast<float>(scale_of_12(block + 4, g));
    out->offset = -(half_at(block + 2) * static_cast<float>(minimum_of_12(block + 4, g)));
    const uint8_t* const halves = block + 16 + g / 2 * 32;
    for (size_t k = 0; k < 32; ++k) out->q[k] = static_cast<int8_t>(halves[k] >> (g % 2 * 4) & 15);
  }
};

// As Q4_K, with 32 bytes of bits 4 before the halves: bit g of byte k
struct Q5K {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = true;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    out->scale = half_at(block) * static_cast<float>(scale_of_12(block + 4, g));
    out->offset = -(half_at(block + 2) * static_cast<float>(minimum_of_12(block + 4, g)));
    const uint8_t* const halves = block + 48 + g / 2 * 32;
    for (size_t k = 0; k < 32; ++k) {
      const int high = block[16 + k] >> g & 1;
      out->q[k] = static_cast<int8_t>((halves[k] >> (g % 2 * 4) & 15) | high << 4);
    }
  }
};

// 128 bytes of halves, 64 bytes of bits 4 and 5, 16 x i8 scales, d: q - 32
struct Q6K {
  static constexpr size_t kColumns = 16;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    const size_t run = g % 8 / 2;
    const size_t begin = g % 2 * 16;
    const uint8_t* const halves = block + g / 8 * 64 + run % 2 * 32 + begin;
    const uint8_t* const high = block + 128 + g / 8 * 32 + begin;
    out->scale = half_at(block + 208) * static_cast<float>(static_cast<int8_t>(block[192 + g]));
    for (size_t k = 0; k < 16; ++k) {
      const int low = halves[k] >> (run / 2 * 4) & 15;
      out->q[k] = static_cast<int8_t>((low | (high[k] >> (2 * run) & 3) << 4) - 32);
    }
  }
};

// As Q4_0, of a table's values
struct Iq4Nl {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t, BlockGroup* out) {
    out->scale = half_at(block);
    for (size_t k = 0; k < 32; ++k) out->q[k] = kNonlinear[nibble(block + 2, k)];
  }
};

// d, 8 x two high bits of scales, 8 x four low bits, 8 x 16 bytes of halves
struct Iq4Xs {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    const int low = block[4 + g / 2] >> (g % 2 * 4) & 15;
    const int high = block[2 + g / 4] >> (g % 4 * 2) & 3;
    out->scale = half_at(block) * static_cast<float>((low | high << 4) - 32);
    for (size_t k = 0; k < 32; ++k) out->q[k] = kNonlinear[nibble(block + 8 + 16 * g, k)];
  }
};

// An exponent, 16 bytes of halves
struct Mxfp4 {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t, BlockGroup* out) {
    const uint32_t e = block[0];
    // 2^(e - 128), below 2^-126 subnormal.
    out->scale = std::bit_cast<float>(e < 2 ? uint32_t{0x00200000} << e : (e - 1) << 23);
    for (size_t k = 0; k < 32; ++k) out->q[k] = kFp4[nibble(block + 1, k)];
  }
};

// 4 x E4M3 without a sign, 4 x 8 bytes of halves
struct Nvfp4 {
  static constexpr size_t kColumns = 16;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    const uint32_t bits = block[g];
    const uint32_t exponent = bits >> 3 & 15;
    const auto fraction = static_cast<float>(bits & 7);
    const float scale = exponent == 0
                            ? fraction * 0x1p-9F
                            : (1 + fraction / 8) * std::bit_cast<float>((exponent + 120) << 23);
    out->scale = bits == 0 || bits == 0x7F ? 0.0F : scale * 0.5F;
    const uint8_t* const halves = block + 4 + 8 * g;
    for (size_t k = 0; k < 16; ++k) {
      out->q[k] = kFp4[k < 8 ? halves[k] & 15 : halves[k - 8] >> 4];
    }
  }
};

// The digit n of a byte in base 3, less 1.
inline int8_t trit(uint8_t byte, size_t n) {
  constexpr uint8_t kPowers[] = {1, 3, 9, 27, 81};
  const auto shifted = static_cast<uint8_t>(byte * kPowers[n]);
  return static_cast<int8_t>((shifted * 3 >> 8) - 1);
}

// 48 bytes of five digits in base 3, 4 bytes of four, d. Digit by digit: 32 bytes, then 16, then 4
struct Tq10 {
  static constexpr size_t kColumns = 16;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    out->scale = half_at(block + 52);
    for (size_t k = 0; k < 16; ++k) {
      if (g < 10) {
        out->q[k] = trit(block[g % 2 * 16 + k], g / 2);
      } else if (g < 15) {
        out->q[k] = trit(block[32 + k], g - 10);
      } else {
        out->q[k] = trit(block[48 + k % 4], k / 4);
      }
    }
  }
};

// 64 bytes of two bits, d: q - 1
struct Tq20 {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    out->scale = half_at(block + 64);
    for (size_t k = 0; k < 32; ++k) {
      out->q[k] = static_cast<int8_t>((block[g / 4 * 32 + k] >> (g % 4 * 2) & 3) - 1);
    }
  }
};

// d, 16 bytes of bits: d or -d
struct Q10 {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    out->scale = half_at(block);
    for (size_t k = 0; k < 32; ++k) {
      out->q[k] = (block[2 + g * 4 + k / 8] >> k % 8 & 1) != 0 ? 1 : -1;
    }
  }
};

// d, 16 bytes of two bits: q - 1
struct Q20 {
  static constexpr size_t kColumns = 32;
  static constexpr bool kHasOffset = false;
  static void group(const uint8_t* block, size_t g, BlockGroup* out) {
    out->scale = half_at(block);
    for (size_t k = 0; k < 32; ++k) {
      out->q[k] = static_cast<int8_t>((block[2 + g * 8 + k / 4] >> (k % 4 * 2) & 3) - 1);
    }
  }
};

}  // namespace block_codecs
}  // namespace sotto
