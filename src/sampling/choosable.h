// Whether a token can be chosen by logits, and the one answer where none can: for sampling, beam
// search and contrastive search alike.
#pragma once

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

// For a caller's change of the logits, which no option names.
inline constexpr std::string_view kLogitsProcessor = "a logits processor";

// The error of largest_of_model(), and of largest_left() where all are ruled out.
Error logits_not_finite();
Error nothing_left(std::string_view who);

}  // namespace sotto
