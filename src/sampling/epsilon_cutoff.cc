#include <algorithm>
#include <cmath>

#include "sampling/sampling_chain.h"
#include "sampling/softmax.h"

namespace sotto {

// Keeps tokens with p >= epsilon (epsilon sampling: Hewitt, Manning, Liang, 2022,
// arXiv:2210.15191), and the most likely ones always.
void apply_epsilon_cutoff(float epsilon, Candidates& candidates) {
  const Softmax all = softmax(candidates.live());
  const double least = all.logit_at(std::log(double{epsilon}));
  candidates.keep_at_least(std::min(least, double{all.max}));
}

}  // namespace sotto
