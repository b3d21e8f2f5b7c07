#include "sampling/sampler.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <limits>

namespace sotto {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Error not_finite() {
  return {ErrorCode::kNotFinite,
          "the model's logits are not finite numbers: its weights hold NaN or infinity, or "
          "overflow. Load other weights."};
}

Result<int32_t> most_likely(std::span<const float> logits) {
  const size_t size = logits.size();
  const v128_t infinity = wasm_f32x4_splat(kInfinity);
  v128_t largest = wasm_f32x4_splat(-kInfinity);
  v128_t are_usable = wasm_i32x4_const_splat(-1);
  size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    const v128_t x = wasm_v128_load(&logits[i]);
    are_usable = wasm_v128_and(are_usable, wasm_f32x4_lt(x, infinity));  // NaN compares as false
    largest = wasm_f32x4_pmax(largest, x);
  }
  float best = -kInfinity;
  float lanes[4];
  wasm_v128_store(lanes, largest);
  for (const float lane : lanes) best = std::max(best, lane);
  bool is_usable = wasm_i32x4_all_true(are_usable);
  for (; i < size; ++i) {
    is_usable = is_usable && logits[i] < kInfinity;
    best = std::max(best, logits[i]);
  }
  if (!is_usable || best == -kInfinity) return not_finite();
  return static_cast<int32_t>(std::find(logits.begin(), logits.end(), best) - logits.begin());
}

}  // namespace

const Candidates& Sampler::filter(std::span<const float> logits) {
  candidates_.assign(logits.data(), logits.size());
#define SOTTO_SAMPLER(name, js_name, type, neutral) apply_##name(options_.name, candidates_);
#include "sampling/samplers.inc"
#undef SOTTO_SAMPLER
  return candidates_;
}

Result<int32_t> Sampler::sample(std::span<const float> logits) {
  auto best = most_likely(logits);
  if (!best.is_ok() || options_.temperature == 0) return best;
  const Candidates& candidates = filter(logits);
  const double total = softmax_weights(candidates, weights_);
  if (!(total >= 1)) return not_finite();

  // The first token at which the running sum passes a uniform share of the total.
  const double target = random_.uniform() * total;
  double sum = 0;
  for (size_t i = 0; i + 1 < candidates.size; ++i) {
    sum += weights_[i];
    if (target < sum) return candidates.tokens[i];
  }
  return candidates.tokens[candidates.size - 1];
}

}  // namespace sotto
