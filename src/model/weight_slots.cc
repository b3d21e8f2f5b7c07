#include "model/weight_slots.h"

#include <optional>
#include <utility>
#include <variant>

namespace sotto {
namespace {

class Slots {
 public:
  Slots(const DecoderConfig& config, const std::function<void(const WeightSlot&)>& add)
      : config_(config), hidden_(config.hidden_size), add_(add) {}

  void table(const std::string& name, Table* table, size_t rows, size_t columns = 1) const {
    add_({.name = name, .table = table, .rows = rows, .columns = columns});
  }
  void linear(const std::string& name, Linear* linear, size_t rows, size_t columns,
              bool has_bias) const {
    *linear = Linear(rows, columns);
    add_({.name = name + ".weight", .linear = linear, .rows = rows, .columns = columns});
    if (has_bias) table(name + ".bias", &linear->bias, rows);
  }
  void norm(const std::string& name, const Norm& norm, NormWeights* weights, size_t size) const {
    if (norm.has_weight) table(name + ".weight", &weights->weight, size);
    if (norm.has_bias) table(name + ".bias", &weights->bias, size);
  }
  void norm(const std::string& name, const std::optional<Norm>& given, NormWeights* weights) const {
    if (given) norm(name, *given, weights, hidden_);
  }

  void layer(const std::string& prefix, const LayerKind& kind, LayerWeights* w) const {
    norm(prefix + "mixer_norm", kind.mixer_norm, &w->mixer_norm);
    std::visit([&](const auto& shape) { mixer(prefix, shape, &w->mixer); }, kind.mixer);
    if (kind.beside) {
      std::visit([&](const auto& shape) { mixer(prefix, shape, &w->beside); }, kind.beside->mixer);
    }
    norm(prefix + "mixer_post_norm", kind.mixer_post_norm, &w->mixer_post_norm);
    norm(prefix + "mlp_norm", kind.mlp_norm, &w->mlp_norm);
    if (kind.mlp) {
      const Mlp& mlp = *kind.mlp;
      linear(prefix + "mlp.up", &w->mlp.up, mlp.up_rows(), hidden_, mlp.has_bias);
      linear(prefix + "mlp.down", &w->mlp.down, hidden_, mlp.intermediate_size, mlp.has_bias);
    }
    norm(prefix + "mlp_post_norm", kind.mlp_post_norm, &w->mlp_post_norm);
    if (kind.laurel) laurel(prefix + "laurel.", *kind.laurel, &w->laurel);
    if (kind.per_layer_input && config_.per_layer_inputs) {
      layer_input(prefix + "per_layer_input.", *kind.per_layer_input,
                  config_.per_layer_inputs->width, &w->per_layer_input);
    }
    if (config_.alt_up) alt_up(prefix + "alt_up.", *config_.alt_up, &w->alt_up);
    if (kind.has_output_scale) table(prefix + "output_scale.weight", &w->output_scale, 1);
  }

  void inputs(const PerLayerInputs& shape, PerLayerInputsWeights* w) const {
    const size_t columns = config_.n_layers() * shape.width;
    w->embedding.kept = Linear(shape.vocab_size, columns);
    add_({.name = "per_layer_inputs.embedding.weight",
          .linear = &w->embedding.kept,
          .rows = static_cast<size_t>(shape.vocab_size),
          .columns = columns,
          .by_rows = &w->embedding});
    linear("per_layer_inputs.projection", &w->projection, columns, hidden_,
           /*has_bias=*/false);
    norm("per_layer_inputs.norm", shape.norm, &w->norm, shape.width);
  }

  void streams(const AltUp& shape, AltUpWeights* w) const {
    const size_t rows = (shape.n_streams - 1) * hidden_;
    linear("alt_up.in", &w->in, rows, hidden_, /*has_bias=*/false);
    linear("alt_up.out", &w->out, rows, hidden_, /*has_bias=*/false);
  }

 private:
  void laurel(const std::string& prefix, const Laurel& shape, LaurelWeights* w) const {
    linear(prefix + "in", &w->in, shape.rank, hidden_, /*has_bias=*/false);
    linear(prefix + "out", &w->out, hidden_, shape.rank, /*has_bias=*/false);
    norm(prefix + "norm", shape.norm, &w->norm, hidden_);
  }

  void layer_input(const std::string& prefix, const PerLayerInput& shape, size_t width,
                   PerLayerInputWeights* w) const {
    linear(prefix + "gate", &w->gate, width, hidden_, /*has_bias=*/false);
    linear(prefix + "out", &w->out, hidden_, width, /*has_bias=*/false);
    norm(prefix + "norm", shape.norm, &w->norm, hidden_);
  }

  void alt_up(const std::string& prefix, const AltUp& shape, AltUpLayerWeights* w) const {
    const size_t n_streams = shape.n_streams;
    norm(prefix + "router_norm", shape.norm, &w->router_norm, hidden_);
    table(prefix + "router.weight", &w->router, n_streams, hidden_);
    table(prefix + "prediction.weight", &w->prediction, n_streams * n_streams, n_streams);
    table(prefix + "correction.weight", &w->correction, n_streams, n_streams);
    if (shape.has_output_scale) table(prefix + "output_scale.weight", &w->output_scale, hidden_);
  }

  void mixer(const std::string& prefix, const Attention& shape, MixerWeights* weights) const {
    auto& w = weights->emplace<AttentionWeights>();
    linear(prefix + "attention.qkv", &w.qkv, shape.qkv_rows(), hidden_, shape.has_qkv_bias);
    linear(prefix + "attention.output", &w.output, hidden_, shape.q_rows(), shape.has_output_bias);
    if (!shape.qk_norm) return;
    const bool is_of_head = shape.qk_norm->span == QueryKeyNorm::Span::kHead;
    const size_t head_dim = shape.head_dim;
    norm(prefix + "attention.q_norm", shape.qk_norm->norm, &w.q_norm,
         is_of_head ? head_dim : shape.q_rows());
    if (shape.shared_keys) return;
    norm(prefix + "attention.k_norm", shape.qk_norm->norm, &w.k_norm,
         is_of_head ? head_dim : shape.kv_rows());
  }

  void mixer(const std::string& prefix, const ShortConvolution& shape,
             MixerWeights* weights) const {
    auto& w = weights->emplace<ShortConvolutionWeights>();
    linear(prefix + "convolution.in", &w.in, 3 * hidden_, hidden_, shape.has_bias);
    kernel(prefix + "convolution", &w, hidden_, shape.n_taps, shape.has_bias);
    linear(prefix + "convolution.out", &w.out, hidden_, hidden_, shape.has_bias);
  }

  void mixer(const std::string& prefix, const GatedDelta& shape, MixerWeights* weights) const {
    auto& w = weights->emplace<RecurrenceWeights>();
    linear(prefix + "recurrence.in", &w.in, shape.in_rows(), hidden_, /*has_bias=*/false);
    kernel(prefix + "recurrence", &w, shape.convolved_rows(), shape.n_taps, /*has_bias=*/false);
    decay(prefix, &w, shape.n_value_heads);
    norm(prefix + "recurrence.norm", shape.norm, &w.norm, shape.value_dim);
    linear(prefix + "recurrence.out", &w.out, hidden_, shape.value_rows(), /*has_bias=*/false);
  }

  void mixer(const std::string& prefix, const StateSpace& shape, MixerWeights* weights) const {
    auto& w = weights->emplace<RecurrenceWeights>();
    linear(prefix + "recurrence.in", &w.in, shape.in_rows(), hidden_, shape.has_bias);
    kernel(prefix + "recurrence", &w, shape.convolved_rows(), shape.n_taps,
           shape.has_convolution_bias);
    decay(prefix, &w, shape.n_heads);
    table(prefix + "recurrence.skip.weight", &w.skip, shape.n_heads);
    if (shape.output_norm) {
      norm(prefix + "recurrence.norm", shape.output_norm->norm, &w.norm, shape.inner_rows());
    }
    linear(prefix + "recurrence.out", &w.out, hidden_, shape.inner_rows(), shape.has_bias);
  }

  void kernel(const std::string& mixer, auto* w, size_t channels, int32_t n_taps,
              bool has_bias) const {
    add_({.name = mixer + ".kernel.weight",
          .table = &w->kernel,
          .rows = channels,
          .columns = static_cast<size_t>(n_taps),
          .is_turned = true});
    if (has_bias) table(mixer + ".kernel.bias", &w->kernel_bias, channels);
  }

  void decay(const std::string& prefix, RecurrenceWeights* w, size_t n_heads) const {
    table(prefix + "recurrence.time.bias", &w->time_bias, n_heads);
    table(prefix + "recurrence.decay.weight", &w->decay, n_heads);
  }

  const DecoderConfig& config_;
  size_t hidden_;
  const std::function<void(const WeightSlot&)>& add_;
};

}  // namespace

void for_each_weight_slot(const DecoderConfig& config, Weights* weights,
                          const std::function<void(const WeightSlot&)>& add) {
  const Slots slots(config, add);
  const size_t vocab = config.vocab_size;
  const size_t hidden = config.hidden_size;
  slots.linear("token_embedding", &weights->token_embedding, vocab, hidden, /*has_bias=*/false);
  if (config.has_position_table) {
    slots.table("position_embedding.weight", &weights->position_embedding, config.context_length,
                hidden);
  }
  slots.norm("embedding_norm", config.embedding_norm, &weights->embedding_norm);
  if (config.per_layer_inputs) slots.inputs(*config.per_layer_inputs, &weights->per_layer_inputs);
  if (config.alt_up) slots.streams(*config.alt_up, &weights->alt_up);
  weights->layers.resize(config.n_layers());
  for (size_t layer = 0; layer < config.n_layers(); ++layer) {
    slots.layer("layers." + std::to_string(layer) + ".", config.kind_of(layer),
                &weights->layers[layer]);
  }
  slots.norm("final_norm", config.final_norm, &weights->final_norm);
  if (!config.has_tied_head) {
    slots.linear("head", &weights->head, vocab, hidden, config.has_head_bias);
  } else if (config.has_head_bias) {
    slots.table("head.bias", &weights->head.bias, vocab);
  }
}

}  // namespace sotto
