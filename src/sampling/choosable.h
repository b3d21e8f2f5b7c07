// Whether a token can be chosen by logits, and the one answer where none can: for sampling, beam
// search and contrastive search alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace sotto {

// The largest of the logits that a model gave. kNotFinite when they hold NaN or infinity, or
// nothing above minus infinity: that comes from its weights alone.
Result<float> largest_of_model(std::span<const float> logits);

// The largest of logits that `who` has changed since. kBadOption when they hold NaN or infinity, or
// when every token is ruled out.
Result<float> largest_left(std::span<const float> logits, std::string_view who);

bool all_ruled_out(std::span<const float> logits);

// Who rules tokens out where no option's name says it: a caller's change of the logits, and a
// TokenMask.
inline constexpr std::string_view kLogitsProcessor = "a logits processor";
inline constexpr std::string_view kForm = "the form of the answer, with what else rules tokens out";

// The error of largest_left() where all are ruled out.
Error nothing_left(std::string_view who);

// kNotFinite: what a model computed, "logits" or other numbers of its, is no use.
Error not_finite(std::string_view what);

// kBadToken: `whose` token, "the prompt has" or "badWords has", is not of the vocabulary.
Error bad_token(std::string_view whose, int32_t token, size_t vocab_size);

}  // namespace sotto
