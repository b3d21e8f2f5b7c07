#include "sampling/sampling_chain.h"

namespace sotto {

// logit / penalty, or logit * penalty where it is below 0, once for each token of the prompt and of
// the answer (CTRL: Keskar and others, 2019, arXiv:1909.05858; the case below 0 is transformers').
void apply_repetition_penalty(const float& penalty, ProcessorInput& input) {
  const auto logits = input.logits;
  input.counts.for_each(input.history.tokens, logits.size(), [&](int32_t token, int32_t) {
    float& logit = logits[token];
    logit = logit < 0 ? logit * penalty : logit / penalty;
  });
}

}  // namespace sotto
