#include "model/weights.h"

namespace sotto {
namespace {

size_t bytes_of(const NormWeights& norm) { return norm.weight.bytes() + norm.bias.bytes(); }

size_t bytes_of(const AttentionWeights& w) {
  return w.qkv.bytes() + w.output.bytes() + bytes_of(w.q_norm) + bytes_of(w.k_norm);
}

size_t bytes_of(const ShortConvolutionWeights& w) {
  return w.in.bytes() + w.kernel.bytes() + w.kernel_bias.bytes() + w.out.bytes();
}

size_t bytes_of(const RecurrenceWeights& w) {
  return w.in.bytes() + w.kernel.bytes() + w.kernel_bias.bytes() + w.time_bias.bytes() +
         w.decay.bytes() + w.skip.bytes() + bytes_of(w.norm) + w.out.bytes();
}

size_t bytes_of(const MixerWeights& w) {
  return std::visit([](const auto& mixer) { return bytes_of(mixer); }, w);
}

size_t bytes_of_type(const AttentionWeights& w, WeightType type) {
  return w.qkv.bytes_of_type(type) + w.output.bytes_of_type(type);
}

size_t bytes_of_type(const auto& w, WeightType type) {
  return w.in.bytes_of_type(type) + w.out.bytes_of_type(type);
}

size_t bytes_of_type(const MixerWeights& w, WeightType type) {
  return std::visit([type](const auto& mixer) { return bytes_of_type(mixer, type); }, w);
}

size_t bytes_of(const LaurelWeights& w) { return w.in.bytes() + w.out.bytes() + bytes_of(w.norm); }

size_t bytes_of(const PerLayerInputWeights& w) {
  return w.gate.bytes() + w.out.bytes() + bytes_of(w.norm);
}

size_t bytes_of(const AltUpLayerWeights& w) {
  return bytes_of(w.router_norm) + w.router.bytes() + w.prediction.bytes() + w.correction.bytes() +
         w.output_scale.bytes();
}

size_t bytes_of(const PerLayerInputsWeights& w) {
  return w.embedding.kept.bytes() + w.projection.bytes() + bytes_of(w.norm);
}

size_t bytes_of(const LayerWeights& w) {
  return bytes_of(w.mixer_norm) + bytes_of(w.mixer_post_norm) + bytes_of(w.mlp_norm) +
         bytes_of(w.mlp_post_norm) + w.mlp.up.bytes() + w.mlp.down.bytes() + bytes_of(w.mixer) +
         bytes_of(w.beside) + bytes_of(w.laurel) + bytes_of(w.per_layer_input) +
         bytes_of(w.alt_up) + w.output_scale.bytes();
}

size_t bytes_of_type(const LayerWeights& w, WeightType type) {
  return w.mlp.up.bytes_of_type(type) + w.mlp.down.bytes_of_type(type) +
         bytes_of_type(w.mixer, type) + bytes_of_type(w.beside, type) +
         bytes_of_type(w.laurel, type) + w.per_layer_input.gate.bytes_of_type(type) +
         w.per_layer_input.out.bytes_of_type(type);
}

}  // namespace

size_t Weights::bytes() const {
  size_t total = token_embedding.bytes() + position_embedding.bytes() + bytes_of(embedding_norm) +
                 bytes_of(final_norm) + head.bytes() + bytes_of(per_layer_inputs) +
                 alt_up.in.bytes() + alt_up.out.bytes();
  for (const LayerWeights& layer : layers) total += bytes_of(layer);
  return total;
}

size_t Weights::bytes_of_type(WeightType type) const {
  size_t total = token_embedding.bytes_of_type(type) + head.bytes_of_type(type) +
                 per_layer_inputs.embedding.kept.bytes_of_type(type) +
                 per_layer_inputs.projection.bytes_of_type(type) +
                 sotto::bytes_of_type(alt_up, type);
  for (const LayerWeights& layer : layers) total += sotto::bytes_of_type(layer, type);
  return total;
}

}  // namespace sotto
