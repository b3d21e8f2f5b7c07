// Every field of a DecoderConfig with its public name and its bounds, for those who walk over them:
// what reads a config, and what hashes it. A visitor has
//   integer(name, value, least, most)
//   number(name, value, least, most)  both bounds included, in the type in which it is kept
//   flag(name, value)
//   word(name, value)                 of an enumeration, by Words
//   object(name, value)               which has fields, too
//   optional(name, value)             null, or an object
//   one_of(name, value)               a variant: an object whose field `type` is of Types, or null
//   list(name, value)                 of objects, indices or numbers
#pragma once

#include <array>
#include <type_traits>

#include "model/decoder_config.h"

namespace sotto {

// The words of an enumeration, in its order.
template <typename T>
struct Words;
template <>
struct Words<Norm::Type> {
  static constexpr auto kList = std::to_array({"layer", "rms", "rms-plus-one"});
};
template <>
struct Words<Rope::Pairing> {
  static constexpr auto kList = std::to_array({"half", "interleaved"});
};
template <>
struct Words<QueryKeyNorm::Span> {
  static constexpr auto kList = std::to_array({"head", "projection"});
};
template <>
struct Words<Activation> {
  static constexpr auto kList = std::to_array({
#define SOTTO_ACTIVATION(enumerator, name, function) name,
#include "kernels/activations.inc"
#undef SOTTO_ACTIVATION
  });
};

// The types of a variant's alternatives, in its order; "" is the one that stands for null.
template <typename T>
struct Types;
template <>
struct Types<RopeScaling> {
  static constexpr auto kList =
      std::to_array({"", "linear", "llama3", "yarn", "long", "dynamic", "proportional"});
};
template <>
struct Types<Mixer> {
  static constexpr auto kList =
      std::to_array({"attention", "short-convolution", "gated-delta", "state-space"});
};

// A T that may be const.
template <typename C, typename T>
concept Is = std::is_same_v<std::remove_const_t<C>, T>;

// What a factor may be: far from where its products overflow or vanish in f32.
constexpr float kMostFactor = 1e9F;
constexpr float kLeastFactor = 1e-9F;

template <typename V>
void visit_fields(V& v, Is<Norm> auto& norm) {
  v.word("type", norm.type);
  v.number("epsilon", norm.epsilon, 0, 1);
  v.flag("weight", norm.has_weight);
  v.flag("bias", norm.has_bias);
}

template <typename V>
void visit_fields(V&, Is<std::monostate> auto&) {}

template <typename V>
void visit_fields(V& v, Is<LinearScaling> auto& scaling) {
  v.number("factor", scaling.factor, kLeastFactor, kMostFactor);
}

template <typename V>
void visit_fields(V& v, Is<Llama3Scaling> auto& scaling) {
  v.number("factor", scaling.factor, kLeastFactor, kMostFactor);
  v.number("lowFrequencyFactor", scaling.low_frequency_factor, kLeastFactor, kMostFactor);
  v.number("highFrequencyFactor", scaling.high_frequency_factor, kLeastFactor, kMostFactor);
  v.integer("originalContextLength", scaling.original_context_length, 1, kMaxContextLength);
}

template <typename V>
void visit_fields(V& v, Is<YarnScaling> auto& scaling) {
  v.number("factor", scaling.factor, kLeastFactor, kMostFactor);
  v.integer("originalContextLength", scaling.original_context_length, 1, kMaxContextLength);
  v.number("betaFast", scaling.beta_fast, kLeastFactor, kMostFactor);
  v.number("betaSlow", scaling.beta_slow, kLeastFactor, kMostFactor);
  v.flag("truncated", scaling.is_truncated);
  v.number("attentionFactor", scaling.attention_factor, kLeastFactor, kMostFactor);
}

template <typename V>
void visit_fields(V& v, Is<LongScaling> auto& scaling) {
  v.list("shortFactors", scaling.short_factors);
  v.list("longFactors", scaling.long_factors);
  v.integer("originalContextLength", scaling.original_context_length, 1, kMaxContextLength);
  v.number("attentionFactor", scaling.attention_factor, kLeastFactor, kMostFactor);
}

template <typename V>
void visit_fields(V& v, Is<DynamicScaling> auto& scaling) {
  v.number("alpha", scaling.alpha, kLeastFactor, kMostFactor);
}

template <typename V>
void visit_fields(V& v, Is<ProportionalScaling> auto& scaling) {
  v.number("share", scaling.share, 0, 1);
}

template <typename V>
void visit_fields(V& v, Is<Rope> auto& rope) {
  v.word("pairing", rope.pairing);
  v.integer("dims", rope.dims, 2, kMaxHeadSize);
  v.number("theta", rope.theta, 1, 1e15F);
  v.flag("reversed", rope.is_reversed);
  v.one_of("scaling", rope.scaling);
}

template <typename V>
void visit_fields(V& v, Is<QueryKeyNorm> auto& qk_norm) {
  v.object("norm", qk_norm.norm);
  v.word("span", qk_norm.span);
  v.flag("afterRope", qk_norm.is_after_rope);
}

template <typename V>
void visit_fields(V& v, Is<QueryScaling> auto& scaling) {
  v.number("beta", scaling.beta, -kMostFactor, kMostFactor);
  v.integer("originalContextLength", scaling.original_context_length, 1, kMaxContextLength);
}

template <typename V>
void visit_fields(V& v, Is<SharedKeys> auto& shared) {
  v.integer("layer", shared.layer, 0, kMaxLayers - 1);
}

template <typename V>
void visit_fields(V& v, Is<Attention> auto& attention) {
  v.integer("nHeads", attention.n_heads, 1, kMaxHeads);
  v.integer("nKvHeads", attention.n_kv_heads, 1, kMaxHeads);
  v.integer("headDim", attention.head_dim, 1, kMaxHeadSize);
  v.flag("qkvBias", attention.has_qkv_bias);
  v.flag("outputBias", attention.has_output_bias);
  v.flag("gate", attention.has_gate);
  v.flag("valuesAreKeys", attention.values_are_keys);
  v.optional("sharedKeys", attention.shared_keys);
  v.optional("qkNorm", attention.qk_norm);
  v.optional("vNorm", attention.v_norm);
  v.optional("rope", attention.rope);
  v.optional("queryScaling", attention.query_scaling);
  v.integer("window", attention.window, 0, kMaxContextLength);
  v.number("softcap", attention.softcap, 0, kMostFactor);
  v.number("scale", attention.scale, -kMostFactor, kMostFactor);
}

template <typename V>
void visit_fields(V& v, Is<ShortConvolution> auto& convolution) {
  v.integer("nTaps", convolution.n_taps, 1, kMaxTaps);
  v.flag("bias", convolution.has_bias);
}

template <typename V>
void visit_fields(V& v, Is<GatedDelta> auto& delta) {
  v.integer("nKeyHeads", delta.n_key_heads, 1, kMaxHeads);
  v.integer("nValueHeads", delta.n_value_heads, 1, kMaxHeads);
  v.integer("keyDim", delta.key_dim, 1, kMaxHeadSize);
  v.integer("valueDim", delta.value_dim, 1, kMaxHeadSize);
  v.integer("nTaps", delta.n_taps, 1, kMaxTaps);
  v.flag("tiled", delta.is_tiled);
  v.flag("logDecay", delta.has_log_decay);
  v.object("norm", delta.norm);
}

template <typename V>
void visit_fields(V& v, Is<StateSpace::Scales> auto& scales) {
  v.number("gate", scales.gate, -kMostFactor, kMostFactor);
  v.number("x", scales.x, -kMostFactor, kMostFactor);
  v.number("b", scales.b, -kMostFactor, kMostFactor);
  v.number("c", scales.c, -kMostFactor, kMostFactor);
  v.number("timeStep", scales.time_step, -kMostFactor, kMostFactor);
}

template <typename V>
void visit_fields(V& v, Is<StateSpace::OutputNorm> auto& output_norm) {
  v.object("norm", output_norm.norm);
  v.integer("nGroups", output_norm.n_groups, 1, kMaxHeads);
  v.flag("beforeGate", output_norm.is_before_gate);
}

template <typename V>
void visit_fields(V& v, Is<StateSpace> auto& space) {
  v.integer("nHeads", space.n_heads, 1, kMaxHeads);
  v.integer("headDim", space.head_dim, 1, kMaxHeadSize);
  v.integer("nGroups", space.n_groups, 1, kMaxHeads);
  v.integer("stateSize", space.state_size, 1, kMaxHeadSize);
  v.integer("nTaps", space.n_taps, 1, kMaxTaps);
  v.flag("bias", space.has_bias);
  v.flag("convolutionBias", space.has_convolution_bias);
  v.flag("logDecay", space.has_log_decay);
  v.number("leastTimeStep", space.least_time_step, 0, kMostFactor);
  v.number("mostTimeStep", space.most_time_step, 0, kMostFactor);
  v.object("scales", space.scales);
  v.optional("outputNorm", space.output_norm);
}

template <typename V>
void visit_fields(V& v, Is<GateCutoff> auto& cutoff) {
  v.number("deviations", cutoff.deviations, -kMostFactor, kMostFactor);
}

template <typename V>
void visit_fields(V& v, Is<Mlp> auto& mlp) {
  v.flag("gated", mlp.is_gated);
  v.word("activation", mlp.activation);
  v.integer("intermediateSize", mlp.intermediate_size, 1, kMaxIntermediateSize);
  v.flag("bias", mlp.has_bias);
  v.number("gateScale", mlp.gate_scale, -kMostFactor, kMostFactor);
  v.optional("cutoff", mlp.cutoff);
}

template <typename V>
void visit_fields(V& v, Is<MixerBeside> auto& beside) {
  v.one_of("mixer", beside.mixer);
  v.number("scale", beside.scale, -kMostFactor, kMostFactor);
}

template <typename V>
void visit_fields(V& v, Is<PerLayerInput> auto& input) {
  v.word("activation", input.activation);
  v.object("norm", input.norm);
}

template <typename V>
void visit_fields(V& v, Is<Laurel> auto& laurel) {
  v.integer("rank", laurel.rank, 1, kMaxIntermediateSize);
  v.object("norm", laurel.norm);
}

template <typename V>
void visit_fields(V& v, Is<LayerKind> auto& kind) {
  v.one_of("mixer", kind.mixer);
  v.optional("beside", kind.beside);
  v.optional("mlp", kind.mlp);
  v.optional("mixerNorm", kind.mixer_norm);
  v.optional("mixerPostNorm", kind.mixer_post_norm);
  v.optional("mlpNorm", kind.mlp_norm);
  v.optional("mlpPostNorm", kind.mlp_post_norm);
  v.flag("parallel", kind.is_parallel);
  v.number("mixerScale", kind.mixer_scale, -kMostFactor, kMostFactor);
  v.number("mlpScale", kind.mlp_scale, -kMostFactor, kMostFactor);
  v.optional("laurel", kind.laurel);
  v.optional("perLayerInput", kind.per_layer_input);
  v.flag("outputScale", kind.has_output_scale);
}

template <typename V>
void visit_fields(V& v, Is<PerLayerInputs> auto& inputs) {
  v.integer("width", inputs.width, 1, kMaxHiddenSize);
  v.integer("vocabSize", inputs.vocab_size, 1, kMaxVocabSize);
  v.object("norm", inputs.norm);
}

template <typename V>
void visit_fields(V& v, Is<AltUp> auto& alt_up) {
  v.integer("nStreams", alt_up.n_streams, 1, kMaxStreams);
  v.integer("active", alt_up.active, 0, kMaxStreams - 1);
  v.flag("outputScale", alt_up.has_output_scale);
  v.object("norm", alt_up.norm);
}

template <typename V>
void visit_fields(V& v, Is<DecoderConfig> auto& config) {
  v.integer("vocabSize", config.vocab_size, 1, kMaxVocabSize);
  v.integer("contextLength", config.context_length, 1, kMaxContextLength);
  v.integer("hiddenSize", config.hidden_size, 1, kMaxHiddenSize);
  v.flag("positionTable", config.has_position_table);
  v.number("embeddingScale", config.embedding_scale, -kMostFactor, kMostFactor);
  v.optional("embeddingNorm", config.embedding_norm);
  v.list("kinds", config.kinds);
  v.list("layers", config.layers);
  v.optional("finalNorm", config.final_norm);
  v.optional("perLayerInputs", config.per_layer_inputs);
  v.optional("altUp", config.alt_up);
  v.flag("tiedHead", config.has_tied_head);
  v.flag("headBias", config.has_head_bias);
  v.number("logitScale", config.logit_scale, -kMostFactor, kMostFactor);
  v.number("logitSoftcap", config.logit_softcap, 0, kMostFactor);
}

}  // namespace sotto
