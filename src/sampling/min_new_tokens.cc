#include "sampling/ruled_out.h"
#include "sampling/sampling_chain.h"

namespace sotto {

// Rules out the end tokens while the answer is shorter.
void apply_min_new_tokens(const int32_t& count, ProcessorInput& input) {
  if (input.history.generated().size() >= static_cast<size_t>(count)) return;
  for (const int32_t token : input.end_tokens) input.logits[token] = kRuledOut;
}

}  // namespace sotto
