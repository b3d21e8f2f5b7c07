// A file's blocks of K types to panels, and back to weights. Layouts of the blocks: the public ones
// of GGUF's types.
#pragma once

#include <algorithm>
#include <cstring>

#include "kernels/linear/block_codecs.h"
#include "kernels/linear/k_blocks.h"
#include "kernels/linear/panel_scales.h"
#include "tensor/block_format.h"

namespace sotto {

// 32 columns of one row.
struct KColumns {
  uint8_t q[kBlockColumns];
  uint8_t scales[2];  // sc and mn; or those of the halves
};

// Where d, and dmin, stand in a block of a file; and block b of 32 columns, with q from 0 on.
template <typename Codec>
struct KFileWithMinima {
  static constexpr size_t kScale = 0;
  static constexpr size_t kMinimum = 2;
  static void read(const uint8_t* block, size_t b, KColumns* out) {
    BlockGroup group;
    Codec::group(block, b, &group);
    std::copy_n(group.q, kBlockColumns, out->q);
    out->scales[0] = static_cast<uint8_t>(block_codecs::scale_of_12(block + 4, b));
    out->scales[1] = static_cast<uint8_t>(block_codecs::minimum_of_12(block + 4, b));
  }
};
using Q4KFile = KFileWithMinima<block_codecs::Q4K>;
using Q5KFile = KFileWithMinima<block_codecs::Q5K>;

struct Q6KFile {
  static constexpr size_t kScale = 208;
  static constexpr size_t kMinimum = kScale;  // it has none
  static void read(const uint8_t* block, size_t b, KColumns* out) {
    std::memcpy(out->scales, block + 192 + 2 * b, 2);
    for (size_t half = 0; half < 2; ++half) {
      BlockGroup group;
      block_codecs::Q6K::group(block, 2 * b + half, &group);
      for (size_t k = 0; k < 16; ++k) {
        out->q[16 * half + k] = static_cast<uint8_t>(group.q[k] + Q6KBlocks::kZero);
      }
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
