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

size_t bytes_of(const LayerWeights& w) {
  return bytes_of(w.mixer_norm) + bytes_of(w.mixer_post_norm) + bytes_of(w.mlp_norm) +
         bytes_of(w.mlp_post_norm) + w.mlp.up.bytes() + w.mlp.down.bytes() +
         std::visit([](const auto& mixer) { return bytes_of(mixer); }, w.mixer);
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
    if (const auto* const attention = std::get_if<AttentionWeights>(&layer.mixer)) {
      total += attention->qkv.bytes_of_type(type) + attention->output.bytes_of_type(type);
    } else if (const auto* const conv = std::get_if<ShortConvolutionWeights>(&layer.mixer)) {
      total += conv->in.bytes_of_type(type) + conv->out.bytes_of_type(type);
    }
  }
  return total;
}

}  // namespace sotto
