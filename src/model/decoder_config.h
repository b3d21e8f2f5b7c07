// What a decoder-only model is made of: sizes, kinds of layers, and which kind each layer is. An
// architecture is a value of this type; the decoder reads it. decoder_config_fields.h has the
// fields' public names and bounds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/result.h"
#include "kernels/activation.h"
#include "kernels/attention.h"

namespace sotto {

#define SOTTO_SIZE_BOUND(constant, name, most) inline constexpr int32_t constant = most;
#include "model/size_bounds.inc"
#undef SOTTO_SIZE_BOUND

struct Norm {
  enum class Type {
    kLayer,       // (x - mean) / deviation
    kRms,         // x / root mean square
    kRmsPlusOne,  // the same, and the weight is 1 + what is stored: Gemma
  };
  Type type = Type::kLayer;
  float epsilon = 0;
  bool has_weight = true;
  bool has_bias = false;
};

// How the rotary frequencies theta^(-2k/dims), k = 0 .. dims/2 - 1, are changed for longer
// contexts. rope_frequencies.cc has the formulas.
struct LinearScaling {
  float factor = 1;
};
struct Llama3Scaling {
  float factor = 1;
  float low_frequency_factor = 1;
  float high_frequency_factor = 1;
  int32_t original_context_length = 1;
};
struct YarnScaling {
  float factor = 1;
  int32_t original_context_length = 1;
  float beta_fast = 32;
  float beta_slow = 1;
  bool is_truncated = true;  // the bounds of the ramp, to whole dimensions
  float attention_factor = 1;
};
// Two sets of divisors: for sequences of at most original_context_length positions, and beyond.
struct LongScaling {
  std::vector<float> short_factors;  // [dims / 2]
  std::vector<float> long_factors;   // [dims / 2]
  int32_t original_context_length = 1;
  float attention_factor = 1;
};
// NTK-aware: theta * alpha^(dims / (dims - 2)).
struct DynamicScaling {
  float alpha = 1;
};
// Only this share of the frequencies turns; the exponents are over all of them: Gemma 4.
struct ProportionalScaling {
  float share = 1;
};
using RopeScaling = std::variant<std::monostate, LinearScaling, Llama3Scaling, YarnScaling,
                                 LongScaling, DynamicScaling, ProportionalScaling>;

// Rotary positions (Su et al., 2021, arXiv:2104.09864).
struct Rope {
  enum class Pairing {
    kHalf,         // dimension i with i + dims / 2
    kInterleaved,  // 2i with 2i + 1
  };
  Pairing pairing = Pairing::kHalf;
  int32_t dims = 2;  // the first of each head, even; the others do not turn
  float theta = 10000;
  bool is_reversed = false;  // turns the other way
  RopeScaling scaling;
};

struct QueryKeyNorm {
  enum class Span { kHead, kProjection };
  Norm norm;
  Span span = Span::kHead;     // each head, or all heads together
  bool is_after_rope = false;  // else before
};

// q *= 1 + beta * ln(1 + floor(position / original_context_length)): Ministral 3.
struct QueryScaling {
  float beta = 0;
  int32_t original_context_length = 1;
};

struct Attention {
  int32_t n_heads = 1;
  int32_t n_kv_heads = 1;  // divides n_heads
  int32_t head_dim = 1;    // not always hidden_size / n_heads
  bool has_qkv_bias = false;
  bool has_output_bias = false;
  bool has_gate = false;  // the heads' output times sigmoid(a projection of the input): Qwen3.5
  std::optional<QueryKeyNorm> qk_norm;
  std::optional<Rope> rope;
  std::optional<QueryScaling> query_scaling;
  int32_t window = 0;  // positions that a token sees, its own included; 0: all
  float softcap = 0;   // scores become cap * tanh(score / cap); 0: they stay
  float scale = 1;     // of q . k

  AttentionShape kernel_shape() const {
    return {.n_heads = static_cast<size_t>(n_heads),
            .n_kv_heads = static_cast<size_t>(n_kv_heads),
            .head_dim = static_cast<size_t>(head_dim),
            .scale = scale,
            .softcap = softcap};
  }
  size_t q_rows() const { return static_cast<size_t>(n_heads) * head_dim; }
  size_t kv_rows() const { return static_cast<size_t>(n_kv_heads) * head_dim; }
  // Of the fused product: q, k, v, then the gate.
  size_t qkv_rows() const { return (has_gate ? 2 : 1) * q_rows() + 2 * kv_rows(); }
};

// out(C * conv(B * u)) with B, C, u = in(x): a causal depthwise convolution between two gates:
// LFM2.
struct ShortConvolution {
  int32_t n_taps = 1;
  bool has_bias = false;  // of all three
};

using Mixer = std::variant<Attention, ShortConvolution>;

struct Mlp {
  bool is_gated = false;  // down(activation(gate(x)) * up(x)), else down(activation(up(x)))
  Activation activation = Activation::kGeluTanh;
  int32_t intermediate_size = 1;
  bool has_bias = false;  // of all products

  size_t up_rows() const { return (is_gated ? 2 : 1) * static_cast<size_t>(intermediate_size); }
};

// x += residual_scale * mixer_post_norm(mixer(mixer_norm(x))), and the same of the MLP, which, when
// they are parallel, reads the x that the mixer reads: with a norm of its own, or the mixer's
// normed x where it has none.
struct LayerKind {
  Mixer mixer;
  std::optional<Mlp> mlp;
  std::optional<Norm> mixer_norm;
  std::optional<Norm> mixer_post_norm;
  std::optional<Norm> mlp_norm;
  std::optional<Norm> mlp_post_norm;
  bool is_parallel = false;
  float residual_scale = 1;
};

struct DecoderConfig {
  int32_t vocab_size = 1;
  int32_t context_length = 1;  // most positions of one sequence
  int32_t hidden_size = 1;
  bool has_position_table = false;  // learned positions, added to the embedding: GPT-2
  float embedding_scale = 1;
  std::optional<Norm> embedding_norm;
  std::vector<LayerKind> kinds;
  std::vector<int32_t> layers;  // of each layer, its index in kinds
  std::optional<Norm> final_norm;
  bool has_tied_head = false;  // the head reads the token embedding's weights
  bool has_head_bias = false;
  float logit_scale = 1;
  float logit_softcap = 0;  // logits become cap * tanh(logit / cap); 0: they stay

  size_t n_layers() const { return layers.size(); }
  size_t most_heads() const {
    size_t most = 0;
    for (const LayerKind& kind : kinds) {
      const auto* const attention = std::get_if<Attention>(&kind.mixer);
      if (attention != nullptr) most = std::max(most, static_cast<size_t>(attention->n_heads));
    }
    return most;
  }
  const LayerKind& kind_of(size_t layer) const { return kinds[layers[layer]]; }
  // nullptr where the layer's mixer is another.
  const Attention* attention_of(size_t layer) const {
    return std::get_if<Attention>(&kind_of(layer).mixer);
  }
};

// kBadConfig for values that contradict each other; that each is within its bounds was seen when
// the config was read.
Status validate(const DecoderConfig& config);

}  // namespace sotto
