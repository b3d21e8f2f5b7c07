#include "sampling/sampler.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/memory.h"
#include "sampling/choosable.h"
#include "sampling/growth.h"
#include "sampling/softmax.h"

namespace sotto {
namespace {

// Room for so many tokens, so that few generations allocate while they run.
constexpr size_t kUsualAnswer = 1024;

int32_t first_of(std::span<const float> logits, float value) {
  return static_cast<int32_t>(std::find(logits.begin(), logits.end(), value) - logits.begin());
}

}  // namespace

Sampler::Sampler(SamplerOptions options)
    : chain_(std::move(options)), random_(chain_.options().seed) {}

void Sampler::begin(std::span<const int32_t> prompt) {
  history_.clear();
  history_.reserve(prompt.size() + kUsualAnswer);
  largest_token_ = 0;
  for (const int32_t token : prompt) accept(token);
  n_prompt_ = prompt.size();
}

void Sampler::accept(int32_t token) {
  history_.push_back(token);
  largest_token_ = std::max(largest_token_, static_cast<uint32_t>(token));
}

Status Sampler::check_tokens(size_t vocab_size) const {
  SOTTO_RETURN_IF_ERROR(chain_.check_tokens(vocab_size));
  if (largest_token_ < vocab_size) return {};
  return bad_token("the sequence has", static_cast<int32_t>(largest_token_), vocab_size);
}

// For what choosing by a row of logits may make grow.
Status Sampler::ensure_room(size_t vocab_size) const {
  const bool draws = options().temperature != 0;
  return ensure_headroom(growth_bytes(history_, history_.size() + 1) +
                             chain_.missing_bytes(vocab_size) +
                             (draws ? growth_bytes(weights_, vocab_size + 3) : 0) +
                             (copies() ? growth_bytes(processed_, vocab_size) : 0),
                         "choosing a token");
}

Result<std::span<float>> Sampler::process(std::span<const float> logits) {
  processed_.clear();
  SOTTO_RETURN_IF_ERROR(ensure_room(logits.size()));
  auto largest = largest_of_model(logits);
  if (!largest.is_ok()) return largest.error();
  SOTTO_RETURN_IF_ERROR(check_tokens(logits.size()));
  processed_.assign(logits.begin(), logits.end());
  if (!chain_.has_processors()) return std::span<float>(processed_);
  chain_.process(history(), processed_);
  if (largest_left(processed_, "").is_ok()) return std::span<float>(processed_);
  processed_.assign(logits.begin(), logits.end());
  const std::string who = chain_.takers(history(), processed_);
  const Error error = largest_left(processed_, who).error();
  processed_.clear();
  return error;
}

Result<float> Sampler::finish_processed() {
  if (processed_.empty()) {
    return Error{ErrorCode::kBadOption,
                 "there are no processed logits to choose by: process() comes before each choice."};
  }
  if (!mask_.is_set()) return largest_left(processed_, kLogitsProcessor);
  SOTTO_RETURN_IF_ERROR(mask_.check(processed_.size()));
  mask_.apply(processed_);
  return largest_left(processed_, kForm);
}

Result<int32_t> Sampler::choose() {
  SOTTO_RETURN_IF_ERROR(ensure_room(processed_.size()));
  auto largest = finish_processed();
  if (!largest.is_ok()) return largest.error();
  const int32_t token = take(processed_, largest.value());
  processed_.clear();
  return token;
}

Result<int32_t> Sampler::sample(std::span<const float> logits) {
  if (copies()) {
    auto processed = process(logits);
    if (!processed.is_ok()) return processed.error();
    return choose();
  }
  SOTTO_RETURN_IF_ERROR(ensure_room(logits.size()));
  auto largest = largest_of_model(logits);
  if (!largest.is_ok()) return largest.error();
  return take(logits, largest.value());
}

// By logits of which the largest is finite and none is NaN.
int32_t Sampler::take(std::span<const float> logits, float largest) {
  const auto only_token = mask_.only_token();
  const bool is_greedy = options().temperature == 0;
  const int32_t token = only_token  ? *only_token
                        : is_greedy ? first_of(logits, largest)
                                    : draw(logits);
  mask_.clear();
  accept(token);
  return token;
}

// The first token at which the running sum of weights passes a uniform share of their total.
int32_t Sampler::draw(std::span<const float> processed) {
  const Candidates& candidates = chain_.filter(processed);
  const double total = softmax_weights(candidates.live(), weights_);
  const double target = random_.uniform() * total;
  double sum = 0;
  size_t last = 0;  // with a weight: the total was added in another order, and may exceed the sum
  for (size_t i = 0; i < candidates.size; ++i) {
    if (weights_[i] == 0) continue;
    last = i;
    sum += weights_[i];
    if (target < sum) break;
  }
  return candidates.token(last);
}

}  // namespace sotto
