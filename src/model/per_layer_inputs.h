// Inputs that each token has for each layer, beside the residual stream.
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// layer_inputs of the pass, from its tokens and from `hidden`, their embeddings.
void read_layer_inputs(const Pass& pass, const PerLayerInputsWeights& weights);

// projected = norm(out(activation(gate(x)) * the layer's inputs)). x: [rows, hidden]
void apply_layer_input(const Pass& pass, size_t layer, const PerLayerInput& shape,
                       const PerLayerInputWeights& weights, const float* x);

}  // namespace sotto
