// Chooses the next token from logits: a chain of filters (samplers.inc), then a draw.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "sampling/candidates.h"
#include "sampling/random.h"

namespace sotto {

struct SamplerOptions {
#define SOTTO_SAMPLER(name, js_name, type, neutral) type name = neutral;
#include "sampling/samplers.inc"
#undef SOTTO_SAMPLER
  uint64_t seed = 0;
};

#define SOTTO_SAMPLER(name, js_name, type, neutral) \
  void apply_##name(type value, Candidates& candidates);
#include "sampling/samplers.inc"
#undef SOTTO_SAMPLER

// Options were validated: temperature >= 0, top_k >= 0, 0 < top_p <= 1.
class Sampler {
 public:
  explicit Sampler(const SamplerOptions& options) : options_(options), random_(options.seed) {}

  // The next token for `logits`: [vocab]. Temperature 0 takes the most likely one, the lowest id
  // where several tie; no filter changes that choice. kNotFinite when the logits hold no usable
  // number.
  Result<int32_t> sample(std::span<const float> logits);

  // The tokens that the chain leaves for these logits, before the draw.
  const Candidates& filter(std::span<const float> logits);

 private:
  SamplerOptions options_;
  Random random_;
  Candidates candidates_;
  std::vector<float> weights_;
};

}  // namespace sotto
