// A state space, Mamba 2, as the mixer of a layer.
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// projected = out(y) with y as StateSpace says, without the bias of the last product. Of each
// sequence, every head is computed by itself, token after token, so that the same bits come of any
// chunks.
void mix_state_space(const Pass& pass, size_t layer, const StateSpace& shape,
                     const RecurrenceWeights& weights);

}  // namespace sotto
