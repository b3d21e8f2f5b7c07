// The weights of one decoder. All of it is const once a WeightLoader has finished; what a layer's
// kind does not have is empty.
#pragma once

#include <variant>
#include <vector>

#include "model/decoder_config.h"
#include "model/linear.h"
#include "model/row_table.h"
#include "model/table.h"

namespace sotto {

struct NormWeights {
  Table weight;  // [columns, 1]
  Table bias;    // [columns, 1]
};

struct AttentionWeights {
  Linear qkv;          // [qkv_rows, hidden]: all q heads, then the gate, k, v
  Linear output;       // [hidden, q_rows]
  NormWeights q_norm;  // [head_dim] or [q_rows]
  NormWeights k_norm;  // [head_dim] or [kv_rows]
};

struct ShortConvolutionWeights {
  Linear in;          // [3 * hidden, hidden]: B, C, u
  Table kernel;       // [n_taps, hidden]
  Table kernel_bias;  // [hidden, 1]
  Linear out;         // [hidden, hidden]
};

// Of a gated delta rule or a state space.
struct RecurrenceWeights {
  Linear in;          // [in_rows, hidden]
  Table kernel;       // [n_taps, convolved_rows]
  Table kernel_bias;  // [convolved_rows, 1]
  Table time_bias;    // [heads, 1]
  Table decay;        // [heads, 1]: log(a), or -a
  Table skip;         // [heads, 1], of a state space
  NormWeights norm;   // [value_dim], or [inner_rows]
  Linear out;         // [hidden, value_rows or inner_rows]
};

// As the mixer that it is of.
using MixerWeights = std::variant<AttentionWeights, ShortConvolutionWeights, RecurrenceWeights>;

struct MlpWeights {
  Linear up;    // [up_rows, hidden]: the gate's rows first where there is one
  Linear down;  // [hidden, intermediate]
};

struct LaurelWeights {
  Linear in;   // [rank, hidden]
  Linear out;  // [hidden, rank]
  NormWeights norm;
};

struct PerLayerInputWeights {
  Linear gate;  // [width, hidden]
  Linear out;   // [hidden, width]
  NormWeights norm;
};

struct AltUpLayerWeights {
  NormWeights router_norm;
  Table router;        // [n_streams, hidden]
  Table prediction;    // [n_streams * n_streams, n_streams]
  Table correction;    // [n_streams, n_streams]
  Table output_scale;  // [hidden, 1]
};

struct LayerWeights {
  NormWeights mixer_norm;
  NormWeights mixer_post_norm;
  MixerWeights mixer;
  MixerWeights beside;
  NormWeights mlp_norm;
  NormWeights mlp_post_norm;
  MlpWeights mlp;
  LaurelWeights laurel;
  PerLayerInputWeights per_layer_input;
  AltUpLayerWeights alt_up;
  Table output_scale;  // [1, 1]
};

struct PerLayerInputsWeights {
  RowTable embedding;  // [vocab, n_layers * width]
  Linear projection;   // [n_layers * width, hidden]
  NormWeights norm;    // [width]
};

// Of all streams but the first: [(n_streams - 1) * hidden, hidden].
struct AltUpWeights {
  Linear in;
  Linear out;
};

struct Weights {
  Linear token_embedding;    // [vocab, hidden]
  Table position_embedding;  // [context, hidden]
  NormWeights embedding_norm;
  PerLayerInputsWeights per_layer_inputs;
  AltUpWeights alt_up;
  std::vector<LayerWeights> layers;
  NormWeights final_norm;
  Linear head;  // [vocab, hidden]; no rows where the embedding is the head, but perhaps a bias

  size_t bytes() const;  // as they lie in memory
  // Of the matrices that are kept so.
  size_t bytes_of_type(WeightType type) const;
};

}  // namespace sotto
