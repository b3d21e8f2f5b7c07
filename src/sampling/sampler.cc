#include "sampling/sampler.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "sampling/softmax.h"

namespace sotto {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Room for so many tokens, so that few generations allocate while they run.
constexpr size_t kUsualAnswer = 1024;

Error not_finite() {
  return {ErrorCode::kNotFinite,
          "the model's logits are not finite numbers: its weights hold NaN or infinity, or "
          "overflow. Load other weights."};
}

Error nothing_left() {
  return {ErrorCode::kBadOption,
          "nothing can be chosen: every token of the vocabulary is ruled out. Ban fewer tokens, or "
          "set fewer options that ban."};
}

Error not_a_number() {
  return {ErrorCode::kBadOption,
          "nothing can be chosen: what the penalties, the biases or a processor made of the logits "
          "holds NaN or infinity. Give values nearer to neutral."};
}

// Of what largest_or_infinity() gives, which counts NaN as infinity.
bool is_usable(float largest) { return largest < kInfinity; }

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
  return Error{ErrorCode::kBadToken, "the tokens so far hold " +
                                         std::to_string(static_cast<int32_t>(largest_token_)) +
                                         "; token ids of this model are whole numbers from 0 to " +
                                         std::to_string(vocab_size - 1) + "."};
}

Result<std::span<float>> Sampler::process(std::span<const float> logits) {
  const float largest = largest_or_infinity(logits);
  if (!is_usable(largest) || largest == -kInfinity) return not_finite();
  SOTTO_RETURN_IF_ERROR(check_tokens(logits.size()));
  processed_.assign(logits.begin(), logits.end());
  if (chain_.has_processors()) chain_.process(history(), processed_);
  return std::span<float>(processed_);
}

Result<int32_t> Sampler::choose() {
  const float largest = largest_or_infinity(processed_);
  if (!is_usable(largest)) return not_a_number();
  if (largest == -kInfinity) return nothing_left();
  const int32_t token =
      options().temperature == 0 ? first_of(processed_, largest) : draw(processed_);
  accept(token);
  return token;
}

Result<int32_t> Sampler::sample(std::span<const float> logits) {
  if (chain_.has_processors()) {
    auto processed = process(logits);
    if (!processed.is_ok()) return processed.error();
    return choose();
  }
  const float largest = largest_or_infinity(logits);
  if (!is_usable(largest) || largest == -kInfinity) return not_finite();
  const int32_t token = options().temperature == 0 ? first_of(logits, largest) : draw(logits);
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
