#include "model/weights.h"

namespace sotto {
namespace {

size_t bytes_of(const Table& table) { return table.values.size() * sizeof(float); }
size_t bytes_of(const NormWeights& norm) { return bytes_of(norm.weight) + bytes_of(norm.bias); }
size_t bytes_of(const LinearWeights& linear) {
  return linear.weight.bytes() + bytes_of(linear.bias);
}

}  // namespace

size_t Weights::bytes() const {
  size_t total =
      token_embedding.bytes() + bytes_of(position_embedding) + bytes_of(final_norm) + head.bytes();
  for (const LayerWeights& layer : layers) {
    total += bytes_of(layer.attention_norm) + bytes_of(layer.qkv) + bytes_of(layer.output) +
             bytes_of(layer.mlp_norm) + bytes_of(layer.up) + bytes_of(layer.down);
  }
  return total;
}

}  // namespace sotto
