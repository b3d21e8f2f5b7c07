// Which tokens may be chosen next, where the answer must have a form: a bit for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

namespace sotto {

constexpr size_t kMaskWordTokens = 32;

// Holds for one choice: whoever knows the form gives a new one before each.
class TokenMask {
 public:
  // A mask of so many words, which are to be written next: token i is bit i % 32 of word i / 32,
  // set where it may be chosen. Bits behind the vocabulary must not be set. kOutOfMemory; there is
  // no mask then.
  Status begin(size_t n_words);
  std::span<uint32_t> words() { return words_; }

  bool is_set() const { return !words_.empty(); }
  void clear() { words_.clear(); }

  // kBadOption for a mask of another vocabulary than one of this size.
  Status check(size_t vocab_size) const;

  // Minus infinity for the tokens that may not be chosen. logits: [vocab] that check() has passed,
  // in place.
  void apply(std::span<float> logits) const;

  // The token that is alone in what may be chosen.
  std::optional<int32_t> only_token() const;

 private:
  std::vector<uint32_t> words_;  // empty where every token may be chosen
};

}  // namespace sotto
