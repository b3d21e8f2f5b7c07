#include "sampling/sampling_chain.h"

namespace sotto {

// logit - penalty for each token that the answer has (OpenAI's API reference, "frequency and
// presence penalties"; the prompt does not count).
void apply_presence_penalty(const float& penalty, ProcessorInput& input) {
  const auto logits = input.logits;
  input.counts.for_each(input.history.generated(), logits.size(),
                        [&](int32_t token, int32_t) { logits[token] -= penalty; });
}

}  // namespace sotto
