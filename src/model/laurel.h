// A second way around a mixer (LAuReL: Menghani et al., 2024, arXiv:2411.07501).
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// hidden = (hidden + n + norm(out(in(n)))) / sqrt(2), n being `normed`, what the mixer read, whose
// output `hidden` has already.
void apply_laurel(const Pass& pass, const Laurel& shape, const LaurelWeights& weights);

}  // namespace sotto
