// What a sampling chain is told: one field for each row of samplers.inc.
#pragma once

#include <cstdint>
#include <vector>

namespace sotto {

// The types of the rows beside float and int32_t. Ids are those of a vocabulary that is not known
// here: SamplingChain::check_tokens compares them with it.
using TokenIds = std::vector<int32_t>;
using TokenSequences = std::vector<TokenIds>;  // none of them empty

struct TokenBias {
  int32_t token;
  float bias;
  bool operator==(const TokenBias&) const = default;
};
using TokenBiases = std::vector<TokenBias>;

struct SamplerOptions {
#define SOTTO_PROCESSOR(name, js_name, type, neutral, ...) type name = neutral;
#define SOTTO_FILTER(name, js_name, type, neutral, ...) type name = neutral;
#include "sampling/samplers.inc"
  uint64_t seed = 0;
  TokenIds end_tokens = {};  // of the model: what min_new_tokens holds back
};

}  // namespace sotto
