#include "sampling/sampler.h"

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
  float best = -kInfinity;
  int32_t token = -1;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (!(logits[i] < kInfinity)) return not_finite();  // NaN compares as false, too
    if (logits[i] <= best) continue;
    best = logits[i];
    token = static_cast<int32_t>(i);
  }
  if (token < 0) return not_finite();
  return token;
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
