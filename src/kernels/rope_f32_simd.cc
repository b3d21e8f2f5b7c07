#include "kernels/rope_f32_simd.h"

#include <wasm_simd128.h>

namespace sotto {
namespace {

void rotate_one(float* a, float* b, float cos, float sin) {
  const float old_a = *a;
  *a = old_a * cos - *b * sin;
  *b = *b * cos + old_a * sin;
}

}  // namespace

void rotate_half_f32_simd(float* x, size_t n_heads, size_t head_dim, size_t n_pairs,
                          const float* cos, const float* sin, float sign) {
  const v128_t signs = wasm_f32x4_splat(sign);
  for (size_t head = 0; head < n_heads; ++head, x += head_dim) {
    float* const y = x + n_pairs;
    size_t i = 0;
    for (; i + 4 <= n_pairs; i += 4) {
      const v128_t a = wasm_v128_load(x + i);
      const v128_t b = wasm_v128_load(y + i);
      const v128_t c = wasm_v128_load(cos + i);
      const v128_t s = wasm_f32x4_mul(wasm_v128_load(sin + i), signs);
      wasm_v128_store(x + i, wasm_f32x4_sub(wasm_f32x4_mul(a, c), wasm_f32x4_mul(b, s)));
      wasm_v128_store(y + i, wasm_f32x4_add(wasm_f32x4_mul(b, c), wasm_f32x4_mul(a, s)));
    }
    for (; i < n_pairs; ++i) rotate_one(x + i, y + i, cos[i], sin[i] * sign);
  }
}

void rotate_pairs_f32_simd(float* x, size_t n_heads, size_t head_dim, size_t n_pairs,
                           const float* cos, const float* sin, float sign) {
  // -b sin is added where b sin is subtracted: the same bits.
  const v128_t signs = wasm_f32x4_make(-sign, sign, -sign, sign);
  for (size_t head = 0; head < n_heads; ++head, x += head_dim) {
    size_t i = 0;
    for (; i + 2 <= n_pairs; i += 2) {
      const v128_t ab = wasm_v128_load(x + 2 * i);
      const v128_t ba = wasm_i32x4_shuffle(ab, ab, 1, 0, 3, 2);
      const v128_t c_twice = wasm_v128_load64_splat(cos + i);
      const v128_t s_twice = wasm_v128_load64_splat(sin + i);
      const v128_t c = wasm_i32x4_shuffle(c_twice, c_twice, 0, 0, 1, 1);
      const v128_t s = wasm_f32x4_mul(wasm_i32x4_shuffle(s_twice, s_twice, 0, 0, 1, 1), signs);
      wasm_v128_store(x + 2 * i, wasm_f32x4_add(wasm_f32x4_mul(ab, c), wasm_f32x4_mul(ba, s)));
    }
    if (i < n_pairs) rotate_one(x + 2 * i, x + 2 * i + 1, cos[i], sin[i] * sign);
  }
}

}  // namespace sotto
