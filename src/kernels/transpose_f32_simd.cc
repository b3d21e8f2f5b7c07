#include "kernels/transpose_f32_simd.h"

#include <wasm_simd128.h>

namespace sotto {
namespace {

// A 4 x 4 tile.
void transpose_tile(const float* in, size_t in_stride, float* out, size_t out_stride) {
  const v128_t a = wasm_v128_load(in);
  const v128_t b = wasm_v128_load(in + in_stride);
  const v128_t c = wasm_v128_load(in + 2 * in_stride);
  const v128_t d = wasm_v128_load(in + 3 * in_stride);
  const v128_t ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5);
  const v128_t ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
  const v128_t cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5);
  const v128_t cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  wasm_v128_store(out, wasm_i64x2_shuffle(ab_low, cd_low, 0, 2));
  wasm_v128_store(out + out_stride, wasm_i64x2_shuffle(ab_low, cd_low, 1, 3));
  wasm_v128_store(out + 2 * out_stride, wasm_i64x2_shuffle(ab_high, cd_high, 0, 2));
  wasm_v128_store(out + 3 * out_stride, wasm_i64x2_shuffle(ab_high, cd_high, 1, 3));
}

// Sixteen columns of `in` at a time, a cache line: all of it is used before the next.
constexpr size_t kColumns = 16;

}  // namespace

void transpose_f32_simd(const float* in, size_t rows, size_t columns, size_t in_stride,
                        float* out) {
  for (size_t begin = 0; begin < columns; begin += kColumns) {
    const size_t end = begin + kColumns < columns ? begin + kColumns : columns;
    size_t k = 0;
    for (; k + 4 <= rows; k += 4) {
      size_t n = begin;
      for (; n + 4 <= end; n += 4) {
        transpose_tile(in + k * in_stride + n, in_stride, out + n * rows + k, rows);
      }
      for (; n < end; ++n) {
        for (size_t i = 0; i < 4; ++i) out[n * rows + k + i] = in[(k + i) * in_stride + n];
      }
    }
    for (; k < rows; ++k) {
      for (size_t n = begin; n < end; ++n) out[n * rows + k] = in[k * in_stride + n];
    }
  }
}

}  // namespace sotto
