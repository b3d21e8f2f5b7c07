// Chooses the tokens of one sequence: the sampling chain, then the most likely token or a seeded
// draw.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "sampling/random.h"
#include "sampling/sampling_chain.h"
#include "sampling/token_mask.h"

namespace sotto {

class Sampler {
 public:
  explicit Sampler(SamplerOptions options);

  // Forgets the history; the prompt is this.
  void begin(std::span<const int32_t> prompt);

  // What the next choice has to keep to. It comes after the processors and whatever was done to
  // their logits, and is gone after the choice. Where it leaves a single token, no random number is
  // drawn.
  TokenMask& mask() { return mask_; }

  // A copy of `logits` ([vocab]) that the chain's processors have gone over, valid until the next
  // call; whoever wants may change it before choose(). kNotFinite when the logits hold NaN or
  // infinity, or no number above minus infinity; kOutOfMemory; kBadToken when the history or an
  // option has a token that is not in the vocabulary; kBadOption, with the options' names, when the
  // processors leave nothing to choose.
  Result<std::span<float>> process(std::span<const float> logits);

  // Rules out what the mask does not leave of what process() gave. kBadOption when there is nothing
  // to choose then: process() has not come before, or what was done to its logits since leaves
  // nothing. The largest that is left.
  Result<float> finish_processed();

  // The next token, by what process() gave; it joins the history. Temperature 0 takes the most
  // likely one, the lowest id where several tie; no filter changes that choice. kBadOption as of
  // finish_processed().
  Result<int32_t> choose();

  // Both; nothing is copied when there is no processor, no mask, and the temperature is 0.
  Result<int32_t> sample(std::span<const float> logits);

  // A token that somebody else has chosen joins the history.
  void accept(int32_t token);

  const SamplerOptions& options() const { return chain_.options(); }
  TokenHistory history() const { return {history_, n_prompt_}; }

 private:
  // Whether a choice works on a copy of the logits.
  bool copies() const { return chain_.has_processors() || mask_.is_set(); }
  Status check_tokens(size_t vocab_size) const;
  Status ensure_room(size_t vocab_size) const;
  int32_t take(std::span<const float> logits, float largest);
  int32_t draw(std::span<const float> processed);

  SamplingChain chain_;
  TokenMask mask_;
  Random random_;
  std::vector<int32_t> history_;
  size_t n_prompt_ = 0;
  uint32_t largest_token_ = 0;    // of the history; negative ones count as large
  std::vector<float> processed_;  // empty when there is nothing to choose by
  std::vector<float> weights_;
};

}  // namespace sotto
