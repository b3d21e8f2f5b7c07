#include "sampling/log_probabilities.h"

#include <algorithm>
#include <cmath>

#include "sampling/largest_entries.h"
#include "sampling/softmax.h"

namespace sotto {

std::vector<LogProbability> log_probabilities(std::span<const float> logits, int32_t token,
                                              size_t n) {
  const float max = largest_or_infinity(logits);
  const double shift = max + std::log(sum_of_exp(logits, max));
  const auto entry = [&](int32_t id) -> LogProbability {
    return {id, static_cast<float>(logits[id] - shift)};
  };
  std::vector<LogProbability> found = {entry(token)};
  LargestEntries largest;
  largest.start(std::min(n, logits.size()));
  if (n > 0) largest.add_row(logits, 0, 0);
  for (const auto& likely : largest.sorted()) found.push_back(entry(likely.column));
  return found;
}

}  // namespace sotto
