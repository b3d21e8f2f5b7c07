#include <algorithm>
#include <cmath>

#include "sampling/sampling_chain.h"
#include "sampling/softmax.h"

namespace sotto {

// Keeps tokens with p >= eta = min(epsilon, sqrt(epsilon) exp(-H)), where H is the entropy (eta
// sampling: Hewitt, Manning, Liang, 2022, arXiv:2210.15191), and the most likely ones always.
void apply_eta_cutoff(float epsilon, Candidates& candidates) {
  const Softmax all = softmax(candidates.live());
  const double log_epsilon = std::log(double{epsilon});
  const double log_eta = std::min(log_epsilon, log_epsilon / 2 - all.entropy());
  candidates.keep_at_least(std::min(all.logit_at(log_eta), double{all.max}));
}

}  // namespace sotto
