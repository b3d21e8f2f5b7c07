#include "sampling/log_softmax.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/math.h"

namespace sotto {

Error logits_not_finite() {
  return {ErrorCode::kNotFinite,
          "the model's logits are not finite numbers: its weights hold NaN or infinity, or "
          "overflow. Load other weights."};
}

float largest_of(std::span<const float> logits) {
  float largest = -std::numeric_limits<float>::infinity();
  v128_t largest_lanes = wasm_f32x4_splat(largest);
  size_t i = 0;
  for (; i + 4 <= logits.size(); i += 4) {
    largest_lanes = wasm_f32x4_pmax(largest_lanes, wasm_v128_load(&logits[i]));
  }
  float lanes[4];
  wasm_v128_store(lanes, largest_lanes);
  for (const float lane : lanes) largest = std::max(largest, lane);
  for (; i < logits.size(); ++i) largest = std::max(largest, logits[i]);
  return largest;
}

double sum_of_exp(std::span<const float> logits, float max) {
  const v128_t maxima = wasm_f32x4_splat(max);
  v128_t low = wasm_f64x2_const_splat(0);
  v128_t high = low;
  size_t i = 0;
  for (; i + 4 <= logits.size(); i += 4) {
    const v128_t e = exp_f32x4(wasm_f32x4_sub(wasm_v128_load(&logits[i]), maxima));
    low = wasm_f64x2_add(low, wasm_f64x2_promote_low_f32x4(e));
    high = wasm_f64x2_add(high, wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(e, e, 2, 3, 0, 1)));
  }
  const v128_t pairs = wasm_f64x2_add(low, high);
  double sum = wasm_f64x2_extract_lane(pairs, 0) + wasm_f64x2_extract_lane(pairs, 1);
  for (; i < logits.size(); ++i) sum += exp_f32(logits[i] - max);
  return sum;
}

Status log_softmax(std::span<const float> logits, float* out) {
  const float max = largest_of(logits);
  const double sum = sum_of_exp(logits, max);
  if (!(sum >= 1)) return logits_not_finite();
  const auto log_sum = static_cast<float>(std::log(sum));
  const v128_t maxima = wasm_f32x4_splat(max);
  const v128_t log_sums = wasm_f32x4_splat(log_sum);
  size_t i = 0;
  for (; i + 4 <= logits.size(); i += 4) {
    const v128_t below_max = wasm_f32x4_sub(wasm_v128_load(&logits[i]), maxima);
    wasm_v128_store(out + i, wasm_f32x4_sub(below_max, log_sums));
  }
  for (; i < logits.size(); ++i) out[i] = (logits[i] - max) - log_sum;
  return {};
}

}  // namespace sotto
