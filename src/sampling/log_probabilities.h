// Natural logarithms of the probabilities that a model's logits give, before any sampling option.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace sotto {

// out[i] = (logits[i] - max) - log(sum_j exp(logits[j] - max)); `out` may be `logits`. A logit of
// minus infinity gives minus infinity. In f32, as transformers sums them up in beam search.
// kNotFinite when the logits hold NaN or infinity, or no number; `out` is then untouched.
Status log_softmax(std::span<const float> logits, float* out);

struct LogProbability {
  int32_t token;
  float value;
};

// log softmax(logits)[token] for `token`, then for the n most likely tokens, most likely first, the
// lower id where two tie. In double precision, rounded once. Fewer than n where the vocabulary is
// smaller. NaN where logits are.
std::vector<LogProbability> log_probabilities(std::span<const float> logits, int32_t token,
                                              size_t n);

}  // namespace sotto
