#include "sampling/sampling_chain.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sotto {
namespace {

const SamplerOptions kNeutral;

bool any_processor(const SamplerOptions& options) {
  bool has_any = false;
#define SOTTO_PROCESSOR(name, ...) has_any = has_any || options.name != kNeutral.name;
#include "sampling/samplers.inc"
  return has_any;
}

uint32_t largest_token(const SamplerOptions& options) {
  uint32_t largest = 0;
  const auto see = [&](int32_t token) {
    largest = std::max(largest, static_cast<uint32_t>(token));
  };
  for (const TokenBias& entry : options.logit_bias) see(entry.token);
  for (const TokenIds& sequence : options.bad_words)
    std::for_each(sequence.begin(), sequence.end(), see);
  for (const TokenIds* ids :
       {&options.forced_tokens, &options.suppress_tokens, &options.end_tokens}) {
    std::for_each(ids->begin(), ids->end(), see);
  }
  return largest;
}

}  // namespace

SamplingChain::SamplingChain(SamplerOptions options)
    : options_(std::move(options)),
      has_processors_(any_processor(options_)),
      largest_token_(largest_token(options_)) {}

Status SamplingChain::check_tokens(size_t vocab_size) const {
  if (largest_token_ < vocab_size) return {};
  return Error{ErrorCode::kBadToken, "an option names token " +
                                         std::to_string(static_cast<int32_t>(largest_token_)) +
                                         "; token ids of this model are whole numbers from 0 to " +
                                         std::to_string(vocab_size - 1) + "."};
}

void SamplingChain::process(const TokenHistory& history, std::span<float> logits) {
  ProcessorInput input = {history, options_.end_tokens, logits, counts_};
#define SOTTO_PROCESSOR(name, ...) \
  if (options_.name != kNeutral.name) apply_##name(options_.name, input);
#include "sampling/samplers.inc"
}

const Candidates& SamplingChain::filter(std::span<const float> processed) {
  candidates_.assign(processed);
#define SOTTO_FILTER(name, ...) \
  if (options_.name != kNeutral.name) apply_##name(options_.name, candidates_);
#include "sampling/samplers.inc"
  return candidates_;
}

}  // namespace sotto
