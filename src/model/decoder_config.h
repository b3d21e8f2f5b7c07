// What a decoder-only transformer is made of. An architecture is a value of this type; the decoder
// reads it.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "kernels/activation.h"

namespace sotto {

enum class Norm {
  kLayer,       // LayerNorm with weight and bias
  kRms,         // RMSNorm: Llama, Qwen
  kRmsPlusOne,  // RMSNorm times (1 + weight): Gemma
};
enum class Positions {
  kLearned,          // a table added to the embedding: GPT-2
  kRopeHalf,         // rotary, a head's halves paired: Hugging Face layout
  kRopeInterleaved,  // rotary, neighbours paired: GGUF's Llama
};
enum class Mlp {
  kPlain,  // down(activation(up(x)))
  kGated,  // down(activation(gate(x)) * up(x))
};

struct DecoderConfig {
  int32_t vocab_size = 0;
  int32_t context_length = 0;  // most positions of one sequence
  int32_t hidden_size = 0;
  int32_t intermediate_size = 0;  // width of the MLP
  int32_t n_layers = 0;
  int32_t n_heads = 0;
  int32_t n_kv_heads = 0;  // divides n_heads
  int32_t head_dim = 0;    // not always hidden_size / n_heads

  Norm norm = Norm::kLayer;
  float norm_epsilon = 0;
  bool has_qkv_bias = false;
  bool has_output_bias = false;
  bool has_mlp_bias = false;

  Positions positions = Positions::kLearned;
  float rope_theta = 0;
  int32_t sliding_window = 0;  // positions an attention layer looks back; 0: all
  bool has_qk_norm = false;    // a norm on each head's q and k before the rotation
  float attention_scale = 0;   // of q . k

  Mlp mlp = Mlp::kPlain;
  Activation activation = Activation::kGeluTanh;
  bool has_post_norms = false;  // a norm after attention and after the MLP too: Gemma
  float embedding_scale = 1;
  float attention_softcap = 0;  // 0: none
  float final_softcap = 0;
  bool has_tied_head = false;  // the head reads the token embedding's weights

  size_t q_rows() const { return static_cast<size_t>(n_heads) * head_dim; }
  size_t kv_rows() const { return static_cast<size_t>(n_kv_heads) * head_dim; }
  size_t qkv_rows() const { return q_rows() + 2 * kv_rows(); }
};

// kBadConfig for sizes that no model has or that contradict each other, kUnsupportedModel for a
// piece that this decoder does not have yet.
Status validate(const DecoderConfig& config);

}  // namespace sotto
