#include "kernels/attention_f32_simd.h"

#include <wasm_simd128.h>

#include <algorithm>

#include "kernels/paged_attention.h"

namespace sotto {
namespace {

// scores[j] = scale * q . k[j] for the four keys k: [4, head_dim].
v128_t score_four_keys(const float* q, const float* k, size_t head_dim, float scale) {
  const float* const k1 = k + head_dim;
  const float* const k2 = k1 + head_dim;
  const float* const k3 = k2 + head_dim;
  v128_t s0 = wasm_f32x4_const_splat(0);
  v128_t s1 = s0;
  v128_t s2 = s0;
  v128_t s3 = s0;
  size_t i = 0;
  for (; i + 4 <= head_dim; i += 4) {
    const v128_t x = wasm_v128_load(q + i);
    s0 = wasm_f32x4_add(s0, wasm_f32x4_mul(x, wasm_v128_load(k + i)));
    s1 = wasm_f32x4_add(s1, wasm_f32x4_mul(x, wasm_v128_load(k1 + i)));
    s2 = wasm_f32x4_add(s2, wasm_f32x4_mul(x, wasm_v128_load(k2 + i)));
    s3 = wasm_f32x4_add(s3, wasm_f32x4_mul(x, wasm_v128_load(k3 + i)));
  }
  v128_t sums = sums_f32x4(s0, s1, s2, s3);
  for (; i < head_dim; ++i) {
    const v128_t keys = wasm_f32x4_make(k[i], k1[i], k2[i], k3[i]);
    sums = wasm_f32x4_add(sums, wasm_f32x4_mul(wasm_f32x4_splat(q[i]), keys));
  }
  return wasm_f32x4_mul(sums, wasm_f32x4_splat(scale));
}

// out[i .. i + 4 kVectors) = out * decay + sum_j weights[j] v[j], the accumulators held in
// registers.
template <int kVectors>
void accumulate_values(const float* v, size_t head_dim, const float* weights, Visible visible,
                       float decay, float* out) {
  v128_t sums[kVectors];
  const v128_t decays = wasm_f32x4_splat(decay);
  for (int i = 0; i < kVectors; ++i) sums[i] = wasm_f32x4_mul(wasm_v128_load(out + 4 * i), decays);
  v += visible.begin * head_dim;
  for (size_t j = visible.begin; j < visible.end; ++j, v += head_dim) {
    const v128_t weight = wasm_v128_load32_splat(weights + j);
#pragma clang loop unroll(full)
    for (int i = 0; i < kVectors; ++i) {
      sums[i] = wasm_f32x4_add(sums[i], wasm_f32x4_mul(weight, wasm_v128_load(v + 4 * i)));
    }
  }
  for (int i = 0; i < kVectors; ++i) wasm_v128_store(out + 4 * i, sums[i]);
}

void add_values(const float* v, size_t head_dim, const float* weights, Visible visible, float decay,
                float* out) {
  size_t i = 0;
  for (; i + 32 <= head_dim; i += 32) {
    accumulate_values<8>(v + i, head_dim, weights, visible, decay, out + i);
  }
  for (; i + 4 <= head_dim; i += 4) {
    accumulate_values<1>(v + i, head_dim, weights, visible, decay, out + i);
  }
  for (; i < head_dim; ++i) {
    float sum = out[i] * decay;
    for (size_t j = visible.begin; j < visible.end; ++j) {
      sum += weights[j] * v[j * head_dim + i];
    }
    out[i] = sum;
  }
}

// One head of one row over one page: folds the page into the state and `out`.
void attend_page(const AttentionShape& shape, const float* q, const float* k, const float* v,
                 Visible visible, SoftmaxState* state, float* out) {
  alignas(16) float weights[kPagePositions];
  for (size_t j = visible.first_four(); j < visible.end; j += 4) {
    wasm_v128_store(weights + j,
                    score_four_keys(q, k + j * shape.head_dim, shape.head_dim, shape.scale));
  }
  const float decay = update_softmax(weights, visible, shape.softcap, state);
  add_values(v, shape.head_dim, weights, visible, decay, out);
}

}  // namespace

void attention_f32_simd(const AttentionShape& shape, const PagedKeysValues& cache,
                        const AttentionRows& rows) {
  const size_t head_dim = shape.head_dim;
  for_each_page_and_pair(
      shape, cache, rows, [](size_t, const float*) {},
      [&](size_t, const float* q, const uint8_t* page_head, Visible visible, SoftmaxState* state,
          float* out) {
        const auto* const k = reinterpret_cast<const float*>(page_head);
        attend_page(shape, q, k, k + kPagePositions * head_dim, visible, state, out);
      });
}

}  // namespace sotto
