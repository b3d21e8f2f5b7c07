#include <algorithm>
#include <cmath>

#include "sampling/sampling_chain.h"
#include "sampling/softmax.h"
#include "sampling/sort_keys.h"

namespace sotto {
namespace {

// Drops tokens that cannot be in the set: those below (1 - p) / n weigh less than 1 - p together.
// That is most of a vocabulary, which need not be sorted then. The factor covers the rounding of
// the weights.
void drop_unlikely(float top_p, const Softmax& all, Candidates& candidates) {
  const double least = 0.999 * (1.0 - top_p) / static_cast<double>(candidates.size);
  candidates.keep_at_least(std::min(all.logit_at(std::log(least)), double{all.max}));
}

}  // namespace

// Keeps the smallest set of most likely tokens whose probabilities reach p together (nucleus
// sampling: Holtzman and others, 2019, arXiv:1904.09751), one token at least. Survivors stand in
// descending probability; of equal ones, those of lower ids come first.
void apply_top_p(float top_p, Candidates& candidates) {
  const Softmax all = softmax(candidates.live());
  drop_unlikely(top_p, all, candidates);
  softmax_weights(candidates.live(), candidates.weights);

  std::vector<uint64_t>& order = candidates.order;
  order.resize(candidates.size);
  for (uint32_t i = 0; i < candidates.size; ++i) {
    order[i] = uint64_t{descending_key(candidates.logits[i])} << 32 | i;
  }
  sort_by_upper_half(order, candidates.sort_workspace);

  const double wanted = top_p * all.total;
  double reached = 0;
  size_t n_kept = 0;
  while (n_kept < order.size() && (n_kept == 0 || reached < wanted))
    reached += candidates.weights[static_cast<uint32_t>(order[n_kept++])];
  candidates.select({order.data(), n_kept});
}

}  // namespace sotto
