// A gated short convolution as the mixer of a layer.
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// projected = out(C * conv(B * u)) with B, C, u = in(normed), without the bias of the last product.
// The state of a sequence is its last n_taps - 1 values of B * u, the oldest first: [n_taps - 1,
// hidden].
void mix_short_convolution(const Pass& pass, size_t layer, const ShortConvolution& shape,
                           const ShortConvolutionWeights& weights);

}  // namespace sotto
