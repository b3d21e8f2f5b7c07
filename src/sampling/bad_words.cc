#include <algorithm>

#include "sampling/ruled_out.h"
#include "sampling/sampling_chain.h"

namespace sotto {
namespace {

bool has(std::span<const int32_t> tokens, int32_t token) {
  return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

}  // namespace

// Rules out the last token of each sequence of which the tokens so far end with all others. A
// sequence that is an end token alone is passed over, as in transformers'
// NoBadWordsLogitsProcessor.
void apply_bad_words(const TokenSequences& sequences, ProcessorInput& input) {
  const auto tokens = input.history.tokens;
  for (const TokenIds& sequence : sequences) {
    const size_t n_before = sequence.size() - 1;
    if (n_before == 0 && has(input.end_tokens, sequence.back())) continue;
    if (n_before > tokens.size()) continue;
    const auto suffix = tokens.last(n_before);
    if (std::equal(suffix.begin(), suffix.end(), sequence.begin())) {
      input.logits[sequence.back()] = kRuledOut;
    }
  }
}

}  // namespace sotto
