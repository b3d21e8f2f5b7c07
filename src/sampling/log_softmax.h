// Log-probabilities from logits.
#pragma once

#include <span>

#include "base/result.h"

namespace sotto {

// out[i] = (logits[i] - max) - log(sum_j exp(logits[j] - max)); `out` may be `logits`. A logit of
// minus infinity gives minus infinity. kNotFinite when the logits hold NaN or infinity, or no
// number; `out` is then undefined.
Status log_softmax(std::span<const float> logits, float* out);

// What is wrong with such logits, and what to do.
Error logits_not_finite();

// sum_i exp(logits[i] - max) in double precision, added in one fixed order (of pairs of lanes, then
// the tail). NaN when the logits hold NaN or infinity or no number, else at least 1.
double sum_of_exp(std::span<const float> logits, float max);

// The largest number among the logits, minus infinity when there is none.
float largest_of(std::span<const float> logits);

}  // namespace sotto
