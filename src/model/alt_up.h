// Several residual streams, of which each layer computes one and predicts the others. `hidden` is
// the active one, which layers compute; `streams` has the others.
#pragma once

#include "model/pass.h"
#include "model/weights.h"

namespace sotto {

// Makes all streams of `hidden`, which is the first one: the others are products of it, of its
// magnitude.
void begin_streams(const Pass& pass, const AltUpWeights& weights);

// The streams become what they are predicted to be behind the layer; `predicted` keeps what was
// predicted of the active one.
void predict_streams(const Pass& pass, const AltUpLayerWeights& weights);

// Corrects all predictions by what the layer made of the active one.
void correct_streams(const Pass& pass, const AltUpLayerWeights& weights);

// What a layer's input is gated by: the active stream, times the layer's scale, if it has one,
// which makes it `normed`. [rows, hidden]
const float* scaled_active_stream(const Pass& pass, const AltUpLayerWeights& weights);

// Adds `projected` to all streams but the first, for rows [first, first + n).
void add_to_streams(const Pass& pass, size_t first, size_t n);

// Behind the last layer: `hidden` is the first stream again, `streams` has the others in order.
void end_streams(const Pass& pass);

// normed = the mean of the streams of the first `n_rows` rows, the further ones being products of
// what they are, of the magnitude of the first one. After end_streams(); uses `inner`.
void merge_streams(const Pass& pass, const AltUpWeights& weights, size_t n_rows);

}  // namespace sotto
