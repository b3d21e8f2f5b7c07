#include <algorithm>
#include <numeric>

#include "sampling/sampler.h"

namespace sotto {

// Keeps the smallest set of most likely tokens whose probabilities reach p together (nucleus
// sampling: Holtzman and others, 2019, arXiv:1904.09751), one token at least; 1 keeps all.
// Survivors stand in descending probability.
void apply_top_p(float top_p, Candidates& candidates) {
  if (top_p >= 1.0F) return;
  std::vector<float>& weights = candidates.scratch;
  const double total = softmax_weights(candidates, weights);

  // Tokens below (1 - p) / n weigh less than 1 - p together, so none of them is in the set, and
  // most of the vocabulary need not be sorted. The set is never emptied: the largest weight is at
  // least total / n.
  const double floor = (1.0 - top_p) * total / static_cast<double>(candidates.size);
  std::vector<uint32_t>& order = candidates.order;
  order.clear();
  for (uint32_t i = 0; i < candidates.size; ++i) {
    if (weights[i] >= floor) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return weights[a] != weights[b] ? weights[a] > weights[b]
                                    : candidates.tokens[a] < candidates.tokens[b];
  });

  const double wanted = top_p * total;
  double reached = 0;
  size_t n_kept = 0;
  while (n_kept < order.size() && (n_kept == 0 || reached < wanted))
    reached += weights[order[n_kept++]];
  candidates.select(order.data(), n_kept);
}

}  // namespace sotto
