#include "sampling/sampling_chain.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "sampling/choosable.h"

namespace sotto {
namespace {

const SamplerOptions kNeutral;

bool any_processor(const SamplerOptions& options) {
  bool has_any = false;
#define SOTTO_PROCESSOR(name, ...) has_any = has_any || options.name != kNeutral.name;
#include "sampling/samplers.inc"
  return has_any;
}

// Calls see(token, option) for each token that an option names.
template <typename See>
void for_each_token(const SamplerOptions& options, See see) {
  const auto see_all = [&](const TokenIds& ids, const char* option) {
    for (const int32_t token : ids) see(token, option);
  };
  for (const TokenBias& entry : options.logit_bias) see(entry.token, "logitBias");
  for (const TokenIds& sequence : options.bad_words) see_all(sequence, "badWords");
  see_all(options.forced_tokens, "forcedTokens");
  see_all(options.suppress_tokens, "suppressTokens");
  see_all(options.end_tokens, "the list of end tokens");
}

uint32_t largest_token(const SamplerOptions& options) {
  uint32_t largest = 0;
  for_each_token(options, [&](int32_t token, const char*) {
    largest = std::max(largest, static_cast<uint32_t>(token));
  });
  return largest;
}

size_t n_not_finite(std::span<const float> logits) {
  return std::count_if(logits.begin(), logits.end(), [](float x) { return !std::isfinite(x); });
}

}  // namespace

SamplingChain::SamplingChain(SamplerOptions options)
    : options_(std::move(options)),
      has_processors_(any_processor(options_)),
      largest_token_(largest_token(options_)) {}

Status SamplingChain::check_tokens(size_t vocab_size) const {
  if (largest_token_ < vocab_size) return {};
  std::string who;
  for_each_token(options_, [&](int32_t token, const char* option) {
    if (static_cast<uint32_t>(token) == largest_token_) who = option;
  });
  return bad_token(who + " has", static_cast<int32_t>(largest_token_), vocab_size);
}

size_t SamplingChain::missing_bytes(size_t vocab_size) const {
  return (has_processors_ ? counts_.missing_bytes(vocab_size) : 0) +
         (options_.temperature == 0 ? 0 : candidates_.missing_bytes(vocab_size));
}

void SamplingChain::process(const TokenHistory& history, std::span<float> logits) {
  ProcessorInput input = {history, options_.end_tokens, logits, counts_};
#define SOTTO_PROCESSOR(name, ...) \
  if (options_.name != kNeutral.name) apply_##name(options_.name, input);
#include "sampling/samplers.inc"
}

std::string SamplingChain::takers(const TokenHistory& history, std::span<float> logits) {
  ProcessorInput input = {history, options_.end_tokens, logits, counts_};
  std::string names;
  size_t n_taken = n_not_finite(logits);
#define SOTTO_PROCESSOR(name, js_name, ...)                             \
  if (options_.name != kNeutral.name) {                                 \
    apply_##name(options_.name, input);                                 \
    const size_t n = n_not_finite(logits);                              \
    if (n > n_taken) names += names.empty() ? #js_name : ", " #js_name; \
    n_taken = n;                                                        \
  }
#include "sampling/samplers.inc"
  return names;
}

const Candidates& SamplingChain::filter(std::span<const float> processed) {
  candidates_.assign(processed);
#define SOTTO_FILTER(name, ...) \
  if (options_.name != kNeutral.name) apply_##name(options_.name, candidates_);
#include "sampling/samplers.inc"
  return candidates_;
}

}  // namespace sotto
