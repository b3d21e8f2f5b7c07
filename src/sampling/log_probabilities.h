// How likely the model itself finds tokens, before any sampling option.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sotto {

struct LogProbability {
  int32_t token;
  float value;  // natural logarithm
};

// log softmax(logits)[token] for `token`, then for the n most likely tokens, most likely first, the
// lower id where two tie. Fewer than n where the vocabulary is smaller. NaN where logits are.
std::vector<LogProbability> log_probabilities(std::span<const float> logits, int32_t token,
                                              size_t n);

}  // namespace sotto
