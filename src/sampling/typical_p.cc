#include <algorithm>
#include <cmath>

#include "sampling/mass_cut.h"
#include "sampling/sampling_chain.h"
#include "sampling/softmax.h"

namespace sotto {

// Locally typical sampling (Meister and others, 2022, arXiv:2202.00666): tokens by ascending
// |-log p - H|, where H is the entropy, until they reach the probability `typical_p`; those that
// tie with the last one are kept, too. With d = logit - max, -log p = log(total) - d and H =
// log(total) - mean(d), so that the distance is |d - mean(d)|.
void apply_typical_p(float typical_p, Candidates& candidates) {
  const Softmax all = softmax(candidates.live());
  const auto mean = static_cast<float>(all.mean);
  softmax_weights(candidates.live(), candidates.weights);
  std::vector<float>& keys = candidates.keys;
  keys.resize(std::max(keys.size(), candidates.size));
  for (size_t i = 0; i < candidates.size; ++i) {
    keys[i] = std::fabs((candidates.logits[i] - all.max) - mean);
  }
  const float cut =
      mass_cut({keys.data(), candidates.size}, {candidates.weights.data(), candidates.size},
               typical_p * all.total, candidates.order);
  candidates.filter([&](size_t i) { return keys[i] <= cut; });
}

}  // namespace sotto
