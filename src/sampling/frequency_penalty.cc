#include "sampling/sampling_chain.h"

namespace sotto {

// logit - count * penalty, with the number of times that the answer has the token (OpenAI's API
// reference, "frequency and presence penalties"; the prompt does not count).
void apply_frequency_penalty(const float& penalty, ProcessorInput& input) {
  const auto logits = input.logits;
  input.counts.for_each(
      input.history.generated(), logits.size(),
      [&](int32_t token, int32_t count) { logits[token] -= static_cast<float>(count) * penalty; });
}

}  // namespace sotto
