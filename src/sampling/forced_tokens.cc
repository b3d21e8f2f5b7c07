#include <algorithm>

#include "sampling/ruled_out.h"
#include "sampling/sampling_chain.h"

namespace sotto {

// Rules out all tokens but the one whose turn it is, while the answer is shorter than `ids`. That
// one's logit is 0, as in transformers' ForcedBOSTokenLogitsProcessor, whatever came before.
void apply_forced_tokens(const TokenIds& ids, ProcessorInput& input) {
  const size_t n_generated = input.history.generated().size();
  if (n_generated >= ids.size()) return;
  std::fill(input.logits.begin(), input.logits.end(), kRuledOut);
  input.logits[ids[n_generated]] = 0;
}

}  // namespace sotto
