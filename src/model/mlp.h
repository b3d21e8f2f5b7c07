// The MLP of a layer.
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// projected = down(activation(up(normed))), gated or plain, without the bias of the last product.
void apply_mlp(const Pass& pass, const Mlp& shape, const MlpWeights& weights);

}  // namespace sotto
