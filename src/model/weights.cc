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

size_t bytes_of(const LayerWeights& w) {
  return bytes_of(w.mixer_norm) + bytes_of(w.mixer_post_norm) + bytes_of(w.mlp_norm) +
         bytes_of(w.mlp_post_norm) + w.mlp.up.bytes() + w.mlp.down.bytes() + bytes_of(w.mixer) +
         bytes_of(w.beside);
}

}  // namespace

size_t Weights::bytes() const {
  size_t total = token_embedding.bytes() + position_embedding.bytes() + bytes_of(embedding_norm) +
                 bytes_of(final_norm) + head.bytes();
  for (const LayerWeights& layer : layers) total += bytes_of(layer);
  return total;
}

size_t Weights::bytes_of_type(WeightType type) const {
  size_t total = token_embedding.bytes_of_type(type) + head.bytes_of_type(type);
  for (const LayerWeights& layer : layers) {
    total += layer.mlp.up.bytes_of_type(type) + layer.mlp.down.bytes_of_type(type);
    total += sotto::bytes_of_type(layer.mixer, type) + sotto::bytes_of_type(layer.beside, type);
  }
  return total;
}

}  // namespace sotto
