#include "sampling/choosable.h"

#include <limits>
#include <string>

#include "sampling/softmax.h"

namespace sotto {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

Error not_finite(std::string_view what) {
  return {ErrorCode::kNotFinite, "the model's " + std::string(what) +
                                     " are not finite numbers: its weights hold NaN or infinity, "
                                     "or overflow. Load other weights."};
}

Error bad_token(std::string_view whose, int32_t token, size_t vocab_size) {
  return {ErrorCode::kBadToken, std::string(whose) + " the token " + std::to_string(token) +
                                    "; token ids of this model are whole numbers from 0 to " +
                                    std::to_string(vocab_size - 1) + "."};
}

Error nothing_left(std::string_view who) {
  return {ErrorCode::kBadOption,
          "nothing can be chosen: every token of the vocabulary is ruled out by " +
              std::string(who) + ". Rule fewer tokens out."};
}

bool all_ruled_out(std::span<const float> logits) {
  return largest_or_infinity(logits) == -kInfinity;
}

Result<float> largest_of_model(std::span<const float> logits) {
  const float largest = largest_or_infinity(logits);
  if (largest == kInfinity || largest == -kInfinity) return not_finite("logits");
  return largest;
}

Result<float> largest_left(std::span<const float> logits, std::string_view who) {
  const float largest = largest_or_infinity(logits);
  if (largest == -kInfinity) return nothing_left(who);
  if (largest == kInfinity) {
    return Error{ErrorCode::kBadOption,
                 "nothing can be chosen: the logits hold NaN or infinity after " +
                     std::string(who) + ". Give values nearer to neutral."};
  }
  return largest;
}

}  // namespace sotto
