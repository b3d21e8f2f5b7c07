#include "sampling/ruled_out.h"
#include "sampling/sampling_chain.h"

namespace sotto {

// Rules out these tokens.
void apply_suppress_tokens(const TokenIds& ids, ProcessorInput& input) {
  for (const int32_t token : ids) input.logits[token] = kRuledOut;
}

}  // namespace sotto
