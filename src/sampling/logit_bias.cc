#include "sampling/sampling_chain.h"

namespace sotto {

// logit + bias.
void apply_logit_bias(const TokenBiases& biases, ProcessorInput& input) {
  for (const TokenBias& entry : biases) input.logits[entry.token] += entry.bias;
}

}  // namespace sotto
