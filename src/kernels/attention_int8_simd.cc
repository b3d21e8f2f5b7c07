#include "kernels/attention_int8_simd.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <limits>

#include "base/math.h"
#include "kernels/integer_scale.h"
#include "kernels/paged_attention.h"

namespace sotto {
namespace {

// Of a quantised query: 4095 * 127 * head_dim stays within 32 bits.
constexpr float kMostQuery = 4095;
static_assert(uint64_t{4095} * 127 * kMaxHeadDim <= std::numeric_limits<int32_t>::max());
// Of a quantised weight: 32767 * 127 * 32 positions do, too.
constexpr float kMostWeight = 32767;

v128_t to_integers(const float* x, v128_t inverse) {
  return round_to_i32x4(wasm_f32x4_mul(wasm_v128_load(x), inverse));
}

int32_t to_integer(float x, float inverse) {
  return wasm_i32x4_extract_lane(round_to_i32x4(wasm_f32x4_splat(x * inverse)), 0);
}

// Eight integers as bytes, in the lower half.
v128_t eight_bytes(const float* x, v128_t inverses) {
  const v128_t eight =
      wasm_i16x8_narrow_i32x4(to_integers(x, inverses), to_integers(x + 4, inverses));
  return wasm_i8x16_narrow_i16x8(eight, eight);
}

// q: [head_dim] to out: [padded_head_dim] with zeros at the end; returns the scale.
float quantize_query(const float* q, size_t head_dim, int16_t* out) {
  const auto [scale, inverse] = integer_scale(largest_magnitude(q, head_dim), kMostQuery);
  const v128_t inverses = wasm_f32x4_splat(inverse);
  size_t i = 0;
  for (; i + 8 <= head_dim; i += 8) {
    const v128_t eight =
        wasm_i16x8_narrow_i32x4(to_integers(q + i, inverses), to_integers(q + i + 4, inverses));
    wasm_v128_store(out + i, eight);
  }
  for (; i < head_dim; ++i) out[i] = static_cast<int16_t>(to_integer(q[i], inverse));
  for (; i < padded_head_dim(head_dim); ++i) out[i] = 0;
  return scale;
}

// {sum(a), sum(b), sum(c), sum(d)}
v128_t sums_i32x4(v128_t a, v128_t b, v128_t c, v128_t d) {
  const v128_t ab =
      wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 1, 4, 5), wasm_i32x4_shuffle(a, b, 2, 3, 6, 7));
  const v128_t cd =
      wasm_i32x4_add(wasm_i32x4_shuffle(c, d, 0, 1, 4, 5), wasm_i32x4_shuffle(c, d, 2, 3, 6, 7));
  return wasm_i32x4_add(wasm_i32x4_shuffle(ab, cd, 0, 2, 4, 6),
                        wasm_i32x4_shuffle(ab, cd, 1, 3, 5, 7));
}

// q . k for four keys, side by side: [padded / 8, 4, 8].
v128_t dot_four_keys(const int16_t* q, const int8_t* k, size_t padded) {
  v128_t dots[4];
  for (auto& dot : dots) dot = wasm_i32x4_const_splat(0);
#pragma clang loop unroll_count(2)
  for (size_t i = 0; i < padded; i += 8, q += 8, k += 32) {
    const v128_t x = wasm_v128_load(q);
#pragma clang loop unroll(full)
    for (size_t j = 0; j < 4; ++j) {
      const v128_t keys = wasm_i16x8_load8x8(k + 8 * j);
      dots[j] = wasm_i32x4_add(dots[j], wasm_i32x4_dot_i16x8(x, keys));
    }
  }
  return sums_i32x4(dots[0], dots[1], dots[2], dots[3]);
}

// The softmax weights of a page times the scales of its values, as integers. Nothing that is
// initialised here: LLVM would do it by memory.fill, which V8 calls out for.
struct PageWeights {
  alignas(16) int16_t integers[kPagePositions];
  float scale;
};

void quantize_weights(float* weights, const float* v_scales, Visible visible, PageWeights* out) {
  v128_t most = wasm_f32x4_const_splat(0);
  for (size_t j = visible.first_four(); j < visible.end; j += 4) {
    const v128_t weight = wasm_v128_load(weights + j);
    // What is not visible may have the NaN of another sequence as its scale, and must stay 0.
    const v128_t is_used = wasm_f32x4_ne(weight, wasm_f32x4_const_splat(0));
    const v128_t x = wasm_v128_and(wasm_f32x4_mul(weight, wasm_v128_load(v_scales + j)), is_used);
    wasm_v128_store(weights + j, x);
    most = max_magnitude(most, x);
  }
  const auto [scale, inverse] = integer_scale(largest_of_magnitudes(most), kMostWeight);
  const v128_t inverses = wasm_f32x4_splat(inverse);
  for (size_t j = visible.first_four(); j < visible.end; j += 4) {
    const v128_t four = to_integers(weights + j, inverses);
    wasm_v128_store64_lane(out->integers + j, wasm_i16x8_narrow_i32x4(four, four), 0);
  }
  out->scale = scale;
}

// out[4 i ..] = out * decay + weights.scale * sum over positions, for kVectors vectors of four.
template <size_t kVectors>
void accumulate_values(const int8_t* v, size_t padded, const PageWeights& weights, Visible visible,
                       float decay, float* out) {
  v128_t sums[kVectors];
  for (auto& sum : sums) sum = wasm_i32x4_const_splat(0);
  const size_t first = visible.begin / 2 * 2;
  v += first * padded;
  for (size_t j = first; j < visible.end; j += 2, v += 2 * padded) {
    const v128_t pair = wasm_v128_load32_splat(weights.integers + j);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < kVectors; ++i) {
      const v128_t values = wasm_i16x8_load8x8(v + 8 * i);
      sums[i] = wasm_i32x4_add(sums[i], wasm_i32x4_dot_i16x8(values, pair));
    }
  }
  const v128_t decays = wasm_f32x4_splat(decay);
  const v128_t scales = wasm_f32x4_splat(weights.scale);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < kVectors; ++i) {
    const v128_t old = wasm_f32x4_mul(wasm_v128_load(out + 4 * i), decays);
    const v128_t page = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sums[i]), scales);
    wasm_v128_store(out + 4 * i, wasm_f32x4_add(old, page));
  }
}

void add_values(const int8_t* v, size_t head_dim, const PageWeights& weights, Visible visible,
                float decay, float* out) {
  const size_t padded = padded_head_dim(head_dim);
  size_t i = 0;
  for (; i + 32 <= head_dim; i += 32) {
    accumulate_values<8>(v + 2 * i, padded, weights, visible, decay, out + i);
  }
  for (; i + 4 <= head_dim; i += 4) {
    accumulate_values<1>(v + 2 * i, padded, weights, visible, decay, out + i);
  }
  if (i == head_dim) return;
  // The last one to three: the row's end must not be written over.
  alignas(16) float last[4] = {};
  std::copy(out + i, out + head_dim, last);
  accumulate_values<1>(v + 2 * i, padded, weights, visible, decay, last);
  std::copy(last, last + (head_dim - i), out + i);
}

// The parts of a head in a page.
template <typename Byte>
struct PageHead {
  Byte* k;
  Byte* v;
  Byte* k_scales;
  Byte* v_scales;
};
template <typename Byte>
PageHead<Byte> parts_of(Byte* page_head, size_t head_dim) {
  const size_t values = kPagePositions * padded_head_dim(head_dim);
  const size_t scales = kPagePositions * sizeof(float);
  return {page_head, page_head + values, page_head + 2 * values, page_head + 2 * values + scales};
}

// One row over one page: folds the page into the state and `out`. `q_scale` has the factor of the
// scores in it.
void attend_page(const AttentionShape& shape, const uint8_t* page_head, const int16_t* q,
                 float q_scale, Visible visible, SoftmaxState* state, float* out) {
  const size_t head_dim = shape.head_dim;
  const size_t padded = padded_head_dim(head_dim);
  const auto page = parts_of(page_head, head_dim);
  const auto* const k = reinterpret_cast<const int8_t*>(page.k);
  const auto* const k_scales = reinterpret_cast<const float*>(page.k_scales);
  alignas(16) float weights[kPagePositions];
  const v128_t q_scales = wasm_f32x4_splat(q_scale);
  for (size_t j = visible.first_four(); j < visible.end; j += 4) {
    const v128_t dots = wasm_f32x4_convert_i32x4(dot_four_keys(q, k + j * padded, padded));
    const v128_t scales = wasm_f32x4_mul(wasm_v128_load(k_scales + j), q_scales);
    wasm_v128_store(weights + j, wasm_f32x4_mul(dots, scales));
  }
  const float decay = update_softmax(weights, visible, shape.softcap, state);
  PageWeights integers;
  quantize_weights(weights, reinterpret_cast<const float*>(page.v_scales), visible, &integers);
  add_values(reinterpret_cast<const int8_t*>(page.v), head_dim, integers, visible, decay, out);
}

}  // namespace

void attention_int8_simd(const AttentionShape& shape, const PagedKeysValues& cache,
                         const AttentionRows& rows) {
  const size_t head_dim = shape.head_dim;
  const size_t padded = padded_head_dim(head_dim);
  auto* const queries = reinterpret_cast<int16_t*>(rows.scratch);
  float q_scales[kAttentionPairs];
  for_each_page_and_pair(
      shape, cache, rows,
      [&](size_t pair, const float* q) {
        q_scales[pair] = quantize_query(q, head_dim, queries + pair * padded) * shape.scale;
      },
      [&](size_t pair, const float*, const uint8_t* page_head, Visible visible, SoftmaxState* state,
          float* out) {
        attend_page(shape, page_head, queries + pair * padded, q_scales[pair], visible, state, out);
      });
}

void store_int8(const float* k, const float* v, size_t head_dim, size_t position,
                uint8_t* page_head) {
  const size_t padded = padded_head_dim(head_dim);
  const auto page = parts_of(page_head, head_dim);
  const auto [k_scale, k_inverse] = integer_scale(largest_magnitude(k, head_dim), 127);
  const auto [v_scale, v_inverse] = integer_scale(largest_magnitude(v, head_dim), 127);
  reinterpret_cast<float*>(page.k_scales)[position] = k_scale;
  reinterpret_cast<float*>(page.v_scales)[position] = v_scale;
  uint8_t* const keys = page.k + position / 4 * 4 * padded + position % 4 * 8;
  uint8_t* const values = page.v + position / 2 * 2 * padded + position % 2;
  const v128_t k_inverses = wasm_f32x4_splat(k_inverse);
  const v128_t v_inverses = wasm_f32x4_splat(v_inverse);
  size_t i = 0;
  for (; i + 8 <= head_dim; i += 8) {
    wasm_v128_store64_lane(keys + i / 8 * 32, eight_bytes(k + i, k_inverses), 0);
    const v128_t bytes = eight_bytes(v + i, v_inverses);
    uint8_t* const out = values + 2 * i;
    wasm_v128_store8_lane(out, bytes, 0);
    wasm_v128_store8_lane(out + 2, bytes, 1);
    wasm_v128_store8_lane(out + 4, bytes, 2);
    wasm_v128_store8_lane(out + 6, bytes, 3);
    wasm_v128_store8_lane(out + 8, bytes, 4);
    wasm_v128_store8_lane(out + 10, bytes, 5);
    wasm_v128_store8_lane(out + 12, bytes, 6);
    wasm_v128_store8_lane(out + 14, bytes, 7);
  }
  for (; i < head_dim; ++i) {
    keys[i / 8 * 32 + i % 8] = static_cast<uint8_t>(to_integer(k[i], k_inverse));
    values[2 * i] = static_cast<uint8_t>(to_integer(v[i], v_inverse));
  }
}

void load_int8(const uint8_t* page_head, size_t head_dim, size_t position, float* k, float* v) {
  const size_t padded = padded_head_dim(head_dim);
  const auto page = parts_of(page_head, head_dim);
  const float k_scale = reinterpret_cast<const float*>(page.k_scales)[position];
  const float v_scale = reinterpret_cast<const float*>(page.v_scales)[position];
  const auto* const keys =
      reinterpret_cast<const int8_t*>(page.k) + position / 4 * 4 * padded + position % 4 * 8;
  const auto* const values =
      reinterpret_cast<const int8_t*>(page.v) + position / 2 * 2 * padded + position % 2;
  for (size_t i = 0; i < head_dim; ++i) {
    const int8_t key = keys[i / 8 * 32 + i % 8];
    const int8_t value = values[2 * i];
    k[i] = static_cast<float>(key) * k_scale;
    v[i] = static_cast<float>(value) * v_scale;
  }
}

}  // namespace sotto
