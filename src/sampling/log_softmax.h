// Log-probabilities from logits.
#pragma once

#include <span>

#include "base/result.h"

namespace sotto {

// out[i] = (logits[i] - max) - log(sum_j exp(logits[j] - max)); `out` may be `logits`. A logit of
// minus infinity gives minus infinity. kNotFinite when the logits hold NaN or infinity, or no
// number; `out` is then untouched.
Status log_softmax(std::span<const float> logits, float* out);

}  // namespace sotto
