#include <cmath>

#include "sampling/sampling_chain.h"
#include "sampling/softmax.h"

namespace sotto {

// Keeps tokens that have at least min_p times the largest probability (Nguyen and others, 2024,
// arXiv:2407.01082): p >= min_p max(p), which is logit >= max + log(min_p).
void apply_min_p(float min_p, Candidates& candidates) {
  candidates.keep_at_least(largest_or_infinity(candidates.live()) + std::log(double{min_p}));
}

}  // namespace sotto
