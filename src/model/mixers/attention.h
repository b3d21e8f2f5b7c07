// Causal attention as the mixer of a layer.
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// projected = output(attention(qkv(normed))), without the bias of the last product; the keys and
// values of the batch's rows, where the layer has its own, are appended to their sequences. `kind`
// is the layer's.
void mix_attention(const Pass& pass, size_t layer, size_t kind, const Attention& shape,
                   const AttentionWeights& weights);

}  // namespace sotto
