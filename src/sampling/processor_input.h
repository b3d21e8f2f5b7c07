// What a processor of the sampling chain works on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sotto {

// The tokens so far: a prompt, and what was generated behind it.
struct TokenHistory {
  std::span<const int32_t> tokens;
  size_t n_prompt;

  std::span<const int32_t> generated() const { return tokens.subspan(n_prompt); }
};

// How often each token occurs in a few of the vocabulary. All counts are 0 between two uses, so
// that a step costs what its history has, and allocates nothing.
class TokenCounts {
 public:
  // Bytes that for_each may take for a vocabulary of this size.
  size_t missing_bytes(size_t vocab_size) const {
    return counts_.size() < vocab_size ? 2 * vocab_size * sizeof(int32_t) : 0;
  }

  // Calls visit(token, count) once for each token that `tokens` has, in order of first occurrence.
  template <typename Visit>
  void for_each(std::span<const int32_t> tokens, size_t vocab_size, Visit visit) {
    if (counts_.size() < vocab_size) counts_.resize(vocab_size);
    for (const int32_t token : tokens) ++counts_[token];
    for (const int32_t token : tokens) {
      const int32_t count = counts_[token];
      if (count == 0) continue;
      counts_[token] = 0;
      visit(token, count);
    }
  }

 private:
  std::vector<int32_t> counts_;
};

struct ProcessorInput {
  const TokenHistory& history;
  std::span<const int32_t> end_tokens;
  std::span<float> logits;  // [vocab], changed in place
  TokenCounts& counts;
};

}  // namespace sotto
