// The gated delta rule as the mixer of a layer.
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// projected = out(norm(o) * silu(z)) with o as GatedDelta says. Of each sequence, every head is
// computed by itself, token after token, so that the same bits come of any chunks.
void mix_gated_delta(const Pass& pass, size_t layer, const GatedDelta& shape,
                     const RecurrenceWeights& weights);

}  // namespace sotto
