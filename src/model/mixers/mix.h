// The mixer of a layer, whatever it is.
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// projected = mixer(normed), without the bias of its last product. `kind`: of the layer.
void mix(const Pass& pass, size_t layer, size_t kind, const Mixer& mixer,
         const MixerWeights& weights);

// The last product of a mixer, which has the bias.
const Linear& last_of(const MixerWeights& weights);

}  // namespace sotto
