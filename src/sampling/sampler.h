// Chooses the tokens of one sequence: the sampling chain, then the most likely token or a seeded
// draw.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "sampling/random.h"
#include "sampling/sampling_chain.h"

namespace sotto {

class Sampler {
 public:
  explicit Sampler(SamplerOptions options);

  // Forgets the history; the prompt is this.
  void begin(std::span<const int32_t> prompt);

  // A copy of `logits` ([vocab]) that the chain's processors have gone over, valid until the next
  // call; whoever wants may change it before choose(). kNotFinite when the logits hold NaN or
  // infinity, or no number above minus infinity; kOutOfMemory; kBadToken when the history or an
  // option has a token that is not in the vocabulary; kBadOption, with the options' names, when the
  // processors leave nothing to choose.
  Result<std::span<float>> process(std::span<const float> logits);

  // kBadOption when there is nothing to choose: process() has not come before, or what was done to
  // its logits since leaves nothing.
  Status check_processed() const;

  // The next token, by what process() gave; it joins the history. Temperature 0 takes the most
  // likely one, the lowest id where several tie; no filter changes that choice. kBadOption as of
  // check_processed().
  Result<int32_t> choose();

  // Both; nothing is copied when there is no processor and the temperature is 0.
  Result<int32_t> sample(std::span<const float> logits);

  // A token that somebody else has chosen joins the history.
  void accept(int32_t token);

  const SamplerOptions& options() const { return chain_.options(); }
  TokenHistory history() const { return {history_, n_prompt_}; }

 private:
  Status check_tokens(size_t vocab_size) const;
  Status ensure_room(size_t vocab_size) const;
  int32_t take(std::span<const float> logits);
  int32_t draw(std::span<const float> processed);

  SamplingChain chain_;
  Random random_;
  std::vector<int32_t> history_;
  size_t n_prompt_ = 0;
  uint32_t largest_token_ = 0;    // of the history; negative ones count as large
  std::vector<float> processed_;  // empty when there is nothing to choose by
  std::vector<float> weights_;
};

}  // namespace sotto
