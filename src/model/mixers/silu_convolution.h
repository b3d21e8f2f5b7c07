// The convolution before the states of a gated delta rule and of a state space.
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// Columns of the rows of mixer_in, in place.
struct ConvolvedColumns {
  size_t first;
  size_t n;
  size_t stride;        // of rows
  size_t state_offset;  // of the inputs before, in the layer's state, in floats
  size_t n_taps;
};
void convolve_silu(const Pass& pass, size_t layer, const ConvolvedColumns& columns,
                   const RecurrenceWeights& weights);

}  // namespace sotto
