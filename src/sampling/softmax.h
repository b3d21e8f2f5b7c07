// Sums over logits, in double precision and one fixed order: entry i is added to the i mod 4-th of
// four partial sums, and those as (s0 + s2) + (s1 + s3).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sotto {

// The largest logit, or infinity when there is an infinity or a NaN. Minus infinity when there is
// nothing else.
float largest_or_infinity(std::span<const float> logits);

// sum_i exp(logits[i] - max): at least 1, when max is the largest of them and finite. NaN when the
// logits hold NaN or infinity.
double sum_of_exp(std::span<const float> logits, float max);

// The logarithm of that: a token's log-probability is (logit - max) less this.
double log_sum_of_exp(std::span<const float> logits, float max);

// With w_i = exp(logit_i - max), so that entry i has the probability w_i / total.
struct Softmax {
  float max;
  double total;  // sum of w_i
  double mean;   // sum of w_i (logit_i - max), divided by total

  // - sum of p_i log p_i, in nats.
  double entropy() const;
  // The logit of an entry that has this probability.
  double logit_at(double log_probability) const;
};

// The largest of `logits` is finite and none is NaN, here and below.
Softmax softmax(std::span<const float> logits);

// weights[i] = w_i; returns their sum. `weights` has at least as many entries as `logits`
// afterwards.
double softmax_weights(std::span<const float> logits, std::vector<float>& weights);

}  // namespace sotto
