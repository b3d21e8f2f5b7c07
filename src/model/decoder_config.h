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

// A layer whose keys and values another one reads, too: Gemma 3n and 4. It is an earlier one, with
// keys and values of its own, of the same shape and window.
struct SharedKeys {
  int32_t layer = 0;
};

struct Attention {
  int32_t n_heads = 1;
  int32_t n_kv_heads = 1;  // divides n_heads
  int32_t head_dim = 1;    // not always hidden_size / n_heads
  bool has_qkv_bias = false;
  bool has_output_bias = false;
  bool has_gate = false;  // the heads' output times sigmoid(a projection of the input): Qwen3.5
  bool values_are_keys = false;           // as they are before their norm and rotation: Gemma 4
  std::optional<SharedKeys> shared_keys;  // whose layer it reads instead of keys of its own
  std::optional<QueryKeyNorm> qk_norm;
  std::optional<Norm> v_norm;  // of each head; it has no weight
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
  // The parts of the fused product, in this order: q, the gate, k, v. One that is missing has no
  // rows.
  size_t k_begin() const { return (has_gate ? 2 : 1) * q_rows(); }
  size_t k_end() const { return k_begin() + (shared_keys ? 0 : kv_rows()); }
  size_t qkv_rows() const { return k_end() + (shared_keys || values_are_keys ? 0 : kv_rows()); }
};

// out(C * conv(B * u)) with B, C, u = in(x): a causal depthwise convolution between two gates:
// LFM2.
struct ShortConvolution {
  int32_t n_taps = 1;
  bool has_bias = false;  // of all three
};

// Linear attention whose state forgets, and takes in only what it does not hold yet (Yang et al.,
// 2024, arXiv:2412.06464): Qwen3.5. q, k, v, z, beta, alpha = in(x); q, k, v pass a causal
// depthwise convolution and silu, q and k are made unit vectors. For each value head with state S
// [key_dim, value_dim]:
//   S *= exp(-exp(decay) * softplus(alpha + time_bias)); d = (v - S^T k) * sigmoid(beta)
//   S += k d^T;  y = norm(S^T q / sqrt(key_dim)) * silu(z)
struct GatedDelta {
  int32_t n_key_heads = 1;
  int32_t n_value_heads = 1;  // a multiple of n_key_heads
  int32_t key_dim = 1;        // of a head
  int32_t value_dim = 1;
  int32_t n_taps = 1;
  // Value head j reads key head j % n_key_heads (GGUF), else j / (n_value_heads / n_key_heads).
  bool is_tiled = false;
  bool has_log_decay = true;  // else the file has -exp(decay) in its place (GGUF)
  Norm norm;                  // of each head's output

  size_t key_rows() const { return static_cast<size_t>(n_key_heads) * key_dim; }
  size_t value_rows() const { return static_cast<size_t>(n_value_heads) * value_dim; }
  size_t convolved_rows() const { return 2 * key_rows() + value_rows(); }
  // Of the fused product: q, k, v; z; beta; alpha.
  size_t in_rows() const {
    return convolved_rows() + value_rows() + 2 * static_cast<size_t>(n_value_heads);
  }
  size_t state_floats() const { return value_rows() * key_dim; }
};

// Mamba 2 (Dao, Gu, 2024, arXiv:2405.21060): Granite 4, Falcon-H1. z, x, B, C, t = in(n); x, B, C
// pass a causal depthwise convolution and silu. For each head with state S [state_size, head_dim]:
//   dt = clamp(softplus(t + time_bias)); S = exp(-exp(decay) * dt) * S + B (dt * x)^T
//   y = S^T C + skip * x, then times silu(z), with a norm or without
struct StateSpace {
  int32_t n_heads = 1;
  int32_t head_dim = 1;
  int32_t n_groups = 1;  // of heads that share B and C; divides n_heads
  int32_t state_size = 1;
  int32_t n_taps = 1;
  bool has_bias = false;  // of the products in and out
  bool has_convolution_bias = false;
  bool has_log_decay = true;  // as of GatedDelta
  float least_time_step = 0;
  float most_time_step = 1e9F;
  // Factors on the spans of the first product: Falcon-H1.
  struct Scales {
    float gate = 1;  // z
    float x = 1;
    float b = 1;
    float c = 1;
    float time_step = 1;
  };
  Scales scales;
  struct OutputNorm {
    Norm norm;
    int32_t n_groups = 1;         // of columns that are each normed by themselves
    bool is_before_gate = false;  // else of y * silu(z)
  };
  std::optional<OutputNorm> output_norm;

  size_t inner_rows() const { return static_cast<size_t>(n_heads) * head_dim; }
  size_t group_rows() const { return static_cast<size_t>(n_groups) * state_size; }
  size_t convolved_rows() const { return inner_rows() + 2 * group_rows(); }
  // Of the fused product: z; x, B, C; t.
  size_t in_rows() const { return inner_rows() + convolved_rows() + n_heads; }
  size_t state_floats() const { return inner_rows() * state_size; }
};

using Mixer = std::variant<Attention, ShortConvolution, GatedDelta, StateSpace>;

// Of gates, before their activation: relu(g - (mean + deviations * standard deviation)), over the
// row: Gemma 3n.
struct GateCutoff {
  float deviations = 0;
};

struct Mlp {
  bool is_gated = false;  // down(activation(gate(x)) * up(x)), else down(activation(up(x)))
  Activation activation = Activation::kGeluTanh;
  int32_t intermediate_size = 1;
  bool has_bias = false;  // of all products
  float gate_scale = 1;   // of gate(x): Falcon-H1
  std::optional<GateCutoff> cutoff;

  size_t up_rows() const { return (is_gated ? 2 : 1) * static_cast<size_t>(intermediate_size); }
};

// A second mixer of a layer, which reads what the first reads: Falcon-H1.
struct MixerBeside {
  Mixer mixer;  // of another type than the first
  float scale = 1;
};

// x += norm(out(activation(gate(x)) * what this layer has of the token's own inputs)): Gemma 3n, 4.
struct PerLayerInput {
  Activation activation = Activation::kGeluTanh;
  Norm norm;
};

// The mixer's sum becomes (x + mixed + n + norm(out(in(n)))) / sqrt(2), n being what the mixer
// reads, and in a matrix of so few rows: Gemma 3n.
struct Laurel {
  int32_t rank = 1;
  Norm norm;
};

// x += mixer_scale * mixer_post_norm(mixer(mixer_norm(x))), and the same of the MLP, which, when
// they are parallel, reads the x that the mixer reads: with a norm of its own, or the mixer's
// normed x where it has none.
struct LayerKind {
  Mixer mixer;
  std::optional<MixerBeside> beside;
  std::optional<Mlp> mlp;
  std::optional<Norm> mixer_norm;
  std::optional<Norm> mixer_post_norm;
  std::optional<Norm> mlp_norm;
  std::optional<Norm> mlp_post_norm;
  bool is_parallel = false;
  float mixer_scale = 1;
  float mlp_scale = 1;
  std::optional<Laurel> laurel;
  std::optional<PerLayerInput> per_layer_input;
  bool has_output_scale = false;  // x *= a stored number, at the layer's end: Gemma 4

  // Calls visit(mixer) with each of its mixers.
  template <typename Visit>
  void for_each_mixer(const Visit& visit) const {
    std::visit(visit, mixer);
    if (beside) std::visit(visit, beside->mixer);
  }
  // nullptr where no mixer is one.
  const Attention* attention() const {
    const auto* const first = std::get_if<Attention>(&mixer);
    return first != nullptr || !beside ? first : std::get_if<Attention>(&beside->mixer);
  }
};

// Inputs of every token for every layer: (embedding * sqrt(width) + norm(projection of the hidden
// row / sqrt(hidden))) / sqrt(2): Gemma 3n and 4.
struct PerLayerInputs {
  int32_t width = 1;       // of a layer's
  int32_t vocab_size = 1;  // tokens from there on have those of token 0
  Norm norm;
};

// Several residual streams, of which each layer computes one and predicts the others: AltUp
// (Baykal et al., 2023, arXiv:2301.13310), Gemma 3n.
struct AltUp {
  int32_t n_streams = 1;
  int32_t active = 0;  // the stream that layers compute
  bool has_output_scale = false;
  Norm norm;  // of what the router reads
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
  std::optional<PerLayerInputs> per_layer_inputs;
  std::optional<AltUp> alt_up;
  bool has_tied_head = false;  // the head reads the token embedding's weights
  bool has_head_bias = false;
  float logit_scale = 1;
  float logit_softcap = 0;  // logits become cap * tanh(logit / cap); 0: they stay

  size_t n_layers() const { return layers.size(); }
  size_t most_heads() const {
    size_t most = 0;
    for (const LayerKind& kind : kinds) {
      const Attention* const attention = kind.attention();
      if (attention != nullptr) most = std::max(most, static_cast<size_t>(attention->n_heads));
    }
    return most;
  }
  const LayerKind& kind_of(size_t layer) const { return kinds[layers[layer]]; }
  // nullptr where the layer has none.
  const Attention* attention_of(size_t layer) const { return kind_of(layer).attention(); }
};

// kBadConfig for values that contradict each other; that each is within its bounds was seen when
// the config was read.
Status validate(const DecoderConfig& config);

}  // namespace sotto
