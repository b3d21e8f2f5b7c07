// The weights of one decoder. All of it is const once a WeightLoader has finished.
#pragma once

#include <vector>

#include "base/memory.h"
#include "model/decoder_config.h"
#include "model/matrix.h"

namespace sotto {

// Plain f32 rows that are added or multiplied elementwise.
struct Table {
  size_t rows = 0;
  size_t columns = 0;
  Buffer<float> values;  // [rows, columns]

  const float* row(size_t index) const { return values.data() + index * columns; }
};

struct NormWeights {
  Table weight;  // [hidden, 1]
  Table bias;    // [hidden, 1]
};

struct LinearWeights {
  Matrix weight;
  Table bias;  // [weight.rows(), 1]
};

struct LayerWeights {
  NormWeights attention_norm;
  LinearWeights qkv;  // [(n_heads + 2 n_kv_heads) * head_dim, hidden]: all q heads, then k, then v
  LinearWeights output;  // [hidden, n_heads * head_dim]
  NormWeights mlp_norm;
  LinearWeights up;    // [intermediate, hidden]
  LinearWeights down;  // [hidden, intermediate]
};

struct Weights {
  Matrix token_embedding;    // [vocab, hidden]
  Table position_embedding;  // [context, hidden]
  std::vector<LayerWeights> layers;
  NormWeights final_norm;
  Matrix head;  // [vocab, hidden]; empty when config.has_tied_head

  size_t bytes() const;  // as they lie in memory
};

}  // namespace sotto
