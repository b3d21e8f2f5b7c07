// A file's blocks of K types to panels, and back to weights. Layouts of the blocks: the public ones
// of GGUF's types.
#pragma once

#include <algorithm>
#include <cstring>

#include "kernels/linear/k_blocks.h"
#include "kernels/linear/panel_scales.h"
#include "tensor/block_format.h"

namespace sotto {

// 32 columns of one row.
struct KColumns {
  uint8_t q[kBlockColumns];
  uint8_t scales[2];  // sc and mn; or those of the halves
};

// The 6-bit scales and minima of block b, packed into 12 bytes.
inline void read_k_scales(const uint8_t* packed, size_t b, uint8_t* scales) {
  if (b < 4) {
    scales[0] = packed[b] & 63;
    scales[1] = packed[b + 4] & 63;
  } else {
    scales[0] = (packed[b + 4] & 15) | packed[b - 4] >> 6 << 4;
    scales[1] = packed[b + 4] >> 4 | packed[b] >> 6 << 4;
  }
}

// Where d, and dmin, stand in a block of a file, and block b of 32 columns.
struct Q4KFile {
  static constexpr size_t kScale = 0;
  static constexpr size_t kMinimum = 2;
  static void read(const uint8_t* block, size_t b, KColumns* out) {
    read_k_scales(block + 4, b, out->scales);
    const uint8_t* const nibbles = block + 16 + b / 2 * 32;
    for (size_t k = 0; k < kBlockColumns; ++k) out->q[k] = nibbles[k] >> 4 * (b % 2) & 15;
  }
};

struct Q5KFile {
  static constexpr size_t kScale = 0;
  static constexpr size_t kMinimum = 2;
  static void read(const uint8_t* block, size_t b, KColumns* out) {
    read_k_scales(block + 4, b, out->scales);
    const uint8_t* const fifth = block + 16;
    const uint8_t* const nibbles = block + 48 + b / 2 * 32;
    for (size_t k = 0; k < kBlockColumns; ++k) {
      out->q[k] = (nibbles[k] >> 4 * (b % 2) & 15) | (fifth[k] >> b & 1) << 4;
    }
  }
};

struct Q6KFile {
  static constexpr size_t kScale = 208;
  static constexpr size_t kMinimum = kScale;  // it has none
  static void read(const uint8_t* block, size_t b, KColumns* out) {
    std::memcpy(out->scales, block + 192 + 2 * b, 2);
    const uint8_t* const nibbles = block + b / 4 * 64 + b % 2 * 32;
    const uint8_t* const upper = block + 128 + b / 4 * 32;
    for (size_t k = 0; k < kBlockColumns; ++k) {
      out->q[k] = (nibbles[k] >> 4 * (b % 4 / 2) & 15) | (upper[k] >> 2 * (b % 4) & 3) << 4;
    }
  }
};

// As RowCodec of quantize_weights.cc.
template <typename Blocks, typename File>
struct KCodec {
  // Only blocks of its own become it.
  static bool quantize(const float*, size_t, size_t, size_t, uint8_t*) { return false; }
  static bool convert(const uint8_t*, BlockFormat, size_t, size_t, size_t, uint8_t*) {
    return false;
  }

  static bool take(const uint8_t* blocks, size_t n_blocks, size_t row, const WeightTypeTraits& type,
                   uint8_t* panel) {
    for (size_t i = 0; i < n_blocks; ++i) {
      if (!take_block(blocks, row, panel)) return false;
      blocks += type.file_block_bytes;
      panel += type.panel_block_bytes;
    }
    return true;
  }

  // The arithmetic of the format's definition, each operation rounded to f32.
  static void dequantize(const uint8_t* panel, size_t columns, size_t row, size_t block_bytes,
                         float* weights) {
    const typename Blocks::Unpacker unpacker;
    for (size_t k = 0; k < columns; k += kKBlockColumns, panel += block_bytes) {
      const float d = load_scale(panel, row);
      const float dmin = kHasMinimum<Blocks> ? load_scale(panel + kBlockScaleBytes, row) : 0.0F;
      const uint8_t* block = panel + kKHeadBytes<Blocks>;
      for (size_t b = 0; b < kKBlocks; ++b, block += kKBlockBytes<Blocks>) {
        for (size_t half = 0; half < 2; ++half) {
          v128_t groups[4];
          unpacker.unpack(block + kKScaleBytes, half, row / 4, groups);
          uint8_t q[4][16];
          for (size_t g = 0; g < 4; ++g) wasm_v128_store(q[g], groups[g]);
          const float scale = d * scale_of(block, half, row);
          const float minimum = dmin * static_cast<float>(block[kPanelRows + row]);
          for (size_t i = 0; i < 16; ++i, ++weights) {
            const int integer = q[i / 4][4 * (row % 4) + i % 4] - Blocks::kZero;
            *weights = scale * static_cast<float>(integer);
            if constexpr (kHasMinimum<Blocks>) *weights -= minimum;
          }
        }
      }
    }
  }

 private:
  static bool take_block(const uint8_t* in, size_t row, uint8_t* panel) {
    std::memcpy(panel + 2 * row, in + File::kScale, 2);
    if (!is_usable(load_scale(panel, row))) return false;
    if constexpr (kHasMinimum<Blocks>) {
      uint8_t* const minima = panel + kBlockScaleBytes;
      std::memcpy(minima + 2 * row, in + File::kMinimum, 2);
      if (!is_usable(load_scale(minima, row))) return false;
    }
    uint8_t* block = panel + kKHeadBytes<Blocks>;
    for (size_t b = 0; b < kKBlocks; ++b, block += kKBlockBytes<Blocks>) {
      KColumns columns;
      File::read(in, b, &columns);
      block[row] = columns.scales[0];
      block[kPanelRows + row] = columns.scales[1];
      for (size_t k = 0; k < 8; ++k) {
        const size_t half = k / 4;
        const uint8_t* const q = columns.q + 16 * half + k % 4;
        const uint8_t four[4] = {q[0], q[4], q[8], q[12]};
        Blocks::pack(four, half, row / 4, 4 * (row % 4) + k % 4, block + kKScaleBytes);
      }
    }
    return true;
  }

  static float scale_of(const uint8_t* block, size_t half, size_t row) {
    if constexpr (kHasMinimum<Blocks>) return static_cast<float>(block[row]);
    return static_cast<float>(static_cast<int8_t>(block[kPanelRows * half + row]));
  }
};

using Q4KCodec = KCodec<Q4KBlocks, Q4KFile>;
using Q5KCodec = KCodec<Q5KBlocks, Q5KFile>;
using Q6KCodec = KCodec<Q6KBlocks, Q6KFile>;

}  // namespace sotto
