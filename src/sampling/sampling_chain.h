// The chain of processors and filters that samplers.inc lists, over the logits of one position.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "sampling/candidates.h"
#include "sampling/processor_input.h"
#include "sampling/sampler_options.h"

namespace sotto {

#define SOTTO_PROCESSOR(name, js_name, type, ...) \
  void apply_##name(const type& value, ProcessorInput& input);
#define SOTTO_FILTER(name, js_name, type, ...) \
  void apply_##name(type value, Candidates& candidates);
#include "sampling/samplers.inc"

// Knows no sequence: what it does follows from the options and the arguments alone, so that one
// chain serves many sequences. It holds workspace, though: one call at a time. Options were
// validated, within the ranges of samplers.inc.
class SamplingChain {
 public:
  explicit SamplingChain(SamplerOptions options);

  const SamplerOptions& options() const { return options_; }

  // Whether process() does anything.
  bool has_processors() const { return has_processors_; }

  // kBadToken when an option, which the error names, has a token that a vocabulary of this size
  // does not have.
  Status check_tokens(size_t vocab_size) const;

  // Bytes that its vectors may grow by for a vocabulary of this size. Who processes or filters asks
  // for headroom before (ensure_headroom).
  size_t missing_bytes(size_t vocab_size) const;

  // Runs the processors over `logits`: [vocab], in place. They may be log-probabilities. Tokens of
  // the history and of the options lie in the vocabulary. Tokens that are ruled out get minus
  // infinity.
  void process(const TokenHistory& history, std::span<float> logits);

  // The options that took something from `logits`, [vocab], as they were before process(): those
  // that rule tokens out there, or make numbers infinite. In words, for errors. Processes them.
  std::string takers(const TokenHistory& history, std::span<float> logits);

  // Runs the filters over processed logits, of which the largest is finite and none is NaN: what
  // may be drawn, valid until the next call. The temperature is not 0.
  const Candidates& filter(std::span<const float> processed);

 private:
  SamplerOptions options_;
  bool has_processors_;
  uint32_t largest_token_;  // that an option names; negative ones count as large
  Candidates candidates_;
  TokenCounts counts_;
};

}  // namespace sotto
