#include <algorithm>
#include <cmath>
#include <numeric>

#include "sampling/mass_cut.h"
#include "sampling/sampling_chain.h"
#include "sampling/softmax.h"

namespace sotto {
namespace {

// Drops tokens that cannot be in the set: those below (1 - p) / n weigh less than 1 - p together.
// That is most of a vocabulary. The factor covers the rounding of the weights.
void drop_unlikely(float top_p, const Softmax& all, Candidates& candidates) {
  const double least = 0.999 * (1.0 - top_p) / static_cast<double>(candidates.size);
  candidates.keep_at_least(std::min(all.logit_at(std::log(least)), double{all.max}));
}

// Drops all that are less likely than the last one of the set.
void drop_below_set(float max, double wanted, Candidates& candidates) {
  softmax_weights(candidates.live(), candidates.weights);
  std::vector<float>& keys = candidates.keys;
  keys.resize(std::max(keys.size(), candidates.size));
  for (size_t i = 0; i < candidates.size; ++i) keys[i] = max - candidates.logits[i];
  const float cut =
      mass_cut({keys.data(), candidates.size}, {candidates.weights.data(), candidates.size}, wanted,
               candidates.order);
  candidates.filter([&](size_t i) { return keys[i] <= cut; });
}

}  // namespace

// Keeps the smallest set of most likely tokens whose probabilities reach p together (nucleus
// sampling: Holtzman and others, 2019, arXiv:1904.09751), one token at least. Survivors stand in
// descending probability; of equal ones, only the last of the set can be cut off, by their ids.
void apply_top_p(float top_p, Candidates& candidates) {
  const Softmax all = softmax(candidates.live());
  const double wanted = top_p * all.total;
  drop_unlikely(top_p, all, candidates);
  drop_below_set(all.max, wanted, candidates);

  const std::vector<float>& logits = candidates.logits;
  std::vector<uint32_t>& order = candidates.order;
  order.resize(candidates.size);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b]
                                  : candidates.token(a) < candidates.token(b);
  });
  softmax_weights(candidates.live(), candidates.weights);
  double reached = 0;
  size_t n_kept = 0;
  while (n_kept < order.size() && (n_kept == 0 || reached < wanted))
    reached += candidates.weights[order[n_kept++]];
  candidates.select({order.data(), n_kept});
}

}  // namespace sotto
