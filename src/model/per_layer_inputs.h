// Inputs that each token has for each layer, beside the residual stream.
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// The rows of the pass's tokens, into `inner`, on the calling thread. kUnreadable.
Status read_layer_embeddings(const Pass& pass, const PerLayerInputsWeights& weights);

// layer_inputs of the pass, from these rows and from `hidden`, the tokens' embeddings.
void make_layer_inputs(const Pass& pass, const PerLayerInputsWeights& weights);

// projected = norm(out(activation(gate(x)) * the layer's inputs)). x: [rows, hidden]
void apply_layer_input(const Pass& pass, size_t layer, const PerLayerInput& shape,
                       const PerLayerInputWeights& weights, const float* x);

}  // namespace sotto
