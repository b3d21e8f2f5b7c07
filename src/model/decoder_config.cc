#include "model/decoder_config.h"

#include <algorithm>
#include <string>

#include "kernels/attention.h"

namespace sotto {
namespace {

Error bad(const std::string& problem) { return {ErrorCode::kBadConfig, problem}; }

// All heads of a layer together, and what the products of a pass make of them, stay within what
// other widths may be.
constexpr size_t kMaxRows = size_t{1} << 18;

Status check_rope(const Rope& rope, int32_t head_dim, const std::string& where) {
  if (rope.dims % 2 != 0 || rope.dims > head_dim) {
    return bad(where + ".rope.dims (" + std::to_string(rope.dims) +
               ") must be even and at most headDim (" + std::to_string(head_dim) + ").");
  }
  const auto n_pairs = static_cast<size_t>(rope.dims / 2);
  if (const auto* const scaling = std::get_if<LongScaling>(&rope.scaling)) {
    if (scaling->short_factors.size() != n_pairs || scaling->long_factors.size() != n_pairs) {
      return bad(where + ".rope.scaling must have dims / 2 = " + std::to_string(n_pairs) +
                 " shortFactors and longFactors.");
    }
  }
  if (const auto* const scaling = std::get_if<Llama3Scaling>(&rope.scaling)) {
    if (scaling->high_frequency_factor <= scaling->low_frequency_factor) {
      return bad(where + ".rope.scaling: highFrequencyFactor must be above lowFrequencyFactor.");
    }
  }
  if (std::holds_alternative<DynamicScaling>(rope.scaling) && rope.dims == 2) {
    return bad(where + ".rope.scaling: 'dynamic' needs more than 2 dims.");
  }
  if (std::holds_alternative<YarnScaling>(rope.scaling) && rope.theta == 1) {
    return bad(where + ".rope.scaling: 'yarn' needs a theta above 1.");
  }
  return {};
}

Status check_mixer(const Attention& attention, const std::string& where) {
  if (attention.n_heads % attention.n_kv_heads != 0) {
    return bad(where + ".nHeads (" + std::to_string(attention.n_heads) +
               ") is no multiple of nKvHeads (" + std::to_string(attention.n_kv_heads) + ").");
  }
  if (attention.q_rows() > kMaxRows) {
    return bad(where + ": nHeads * headDim is " + std::to_string(attention.q_rows()) +
               "; it must be at most " + std::to_string(kMaxRows) + ".");
  }
  if (attention.v_norm && (attention.v_norm->has_weight || attention.v_norm->has_bias)) {
    return bad(where + ".vNorm has neither weight nor bias.");
  }
  if (attention.shared_keys && (attention.values_are_keys || attention.v_norm)) {
    return bad(where + " has the keys and values of another layer, and nothing of its own.");
  }
  if (!attention.rope) return {};
  return check_rope(*attention.rope, attention.head_dim, where);
}

Status check_mixer(const ShortConvolution&, const std::string&) { return {}; }

Status check_rows(size_t rows, const std::string& where) {
  if (rows <= kMaxRows) return {};
  return bad(where + ": its first product has " + std::to_string(rows) +
             " rows; they must be at most " + std::to_string(kMaxRows) + ".");
}

Status check_mixer(const GatedDelta& delta, const std::string& where) {
  if (delta.n_value_heads % delta.n_key_heads != 0) {
    return bad(where + ".nValueHeads (" + std::to_string(delta.n_value_heads) +
               ") is no multiple of nKeyHeads (" + std::to_string(delta.n_key_heads) + ").");
  }
  return check_rows(delta.in_rows(), where);
}

Status check_mixer(const StateSpace& space, const std::string& where) {
  if (space.n_heads % space.n_groups != 0) {
    return bad(where + ".nHeads (" + std::to_string(space.n_heads) +
               ") is no multiple of nGroups (" + std::to_string(space.n_groups) + ").");
  }
  if (space.least_time_step > space.most_time_step) {
    return bad(where + ".leastTimeStep must not be above mostTimeStep.");
  }
  const auto& norm = space.output_norm;
  if (norm && space.inner_rows() % norm->n_groups != 0) {
    return bad(where + ".outputNorm.nGroups (" + std::to_string(norm->n_groups) +
               ") does not divide nHeads * headDim.");
  }
  return check_rows(space.in_rows(), where);
}

Status check_mixer(const Mixer& mixer, const std::string& where) {
  return std::visit([&](const auto& alternative) { return check_mixer(alternative, where); },
                    mixer);
}

Status check_kind(const LayerKind& kind, const std::string& where) {
  SOTTO_RETURN_IF_ERROR(check_mixer(kind.mixer, where + ".mixer"));
  if (kind.beside) {
    SOTTO_RETURN_IF_ERROR(check_mixer(kind.beside->mixer, where + ".beside.mixer"));
    const bool is_alike = kind.beside->mixer.index() == kind.mixer.index() ||
                          (!kind.attention() && kind.beside->mixer.index() > 0);
    if (is_alike) return bad(where + ".beside.mixer must be an attention beside another mixer.");
  }
  if (!kind.mlp && (kind.mlp_norm || kind.mlp_post_norm || kind.is_parallel)) {
    return bad(where + " has no mlp, and so no mlpNorm, no mlpPostNorm and nothing parallel.");
  }
  if (kind.mlp && kind.mlp->cutoff && !kind.mlp->is_gated) {
    return bad(where + ".mlp has no gates that could be cut off.");
  }
  if (kind.laurel && kind.is_parallel) return bad(where + ": laurel and a parallel mlp.");
  return {};
}

// A layer reads the keys and values of an earlier one that has its own, of the same shape.
Status check_shared_keys(const DecoderConfig& config, size_t layer) {
  const Attention* const attention = config.attention_of(layer);
  if (attention == nullptr || !attention->shared_keys) return {};
  const auto source_layer = static_cast<size_t>(attention->shared_keys->layer);
  const Attention* const source =
      source_layer < layer ? config.attention_of(source_layer) : nullptr;
  if (source != nullptr && !source->shared_keys && source->n_kv_heads == attention->n_kv_heads &&
      source->head_dim == attention->head_dim && source->window == attention->window) {
    return {};
  }
  return bad("layer " + std::to_string(layer) + " cannot read the keys of layer " +
             std::to_string(source_layer) +
             ": it must be an earlier one with keys of its own, of the same shape and window.");
}

Status check_layer_inputs(const DecoderConfig& config) {
  const bool is_read = std::any_of(config.kinds.begin(), config.kinds.end(),
                                   [](const LayerKind& kind) { return !!kind.per_layer_input; });
  if (is_read && !config.per_layer_inputs) return bad("a perLayerInput needs perLayerInputs.");
  if (!config.per_layer_inputs) return {};
  const size_t columns = config.n_layers() * config.per_layer_inputs->width;
  if (columns <= kMaxRows) return {};
  return bad("perLayerInputs: all layers' are " + std::to_string(columns) +
             "; they must be at most " + std::to_string(kMaxRows) + ".");
}

Status check_streams(const DecoderConfig& config) {
  if (!config.alt_up) return {};
  const auto [n_streams, active, has_output_scale, norm] = *config.alt_up;
  if (n_streams < 2 || active >= n_streams) {
    return bad("altUp needs two nStreams or more, and active to be one of them.");
  }
  const size_t columns = static_cast<size_t>(n_streams - 1) * config.hidden_size;
  if (columns <= kMaxRows) return {};
  return bad("altUp: (nStreams - 1) * hiddenSize is " + std::to_string(columns) +
             "; it must be at most " + std::to_string(kMaxRows) + ".");
}

}  // namespace

static_assert(kMaxHeadSize <= kMaxHeadDim, "the kernels of attention take no larger heads");

Status validate(const DecoderConfig& config) {
  if (config.layers.empty() || config.n_layers() > static_cast<size_t>(kMaxLayers)) {
    return bad("layers must name 1 to " + std::to_string(kMaxLayers) + " layers.");
  }
  for (const int32_t kind : config.layers) {
    if (static_cast<size_t>(kind) < config.kinds.size()) continue;
    return bad("layers names the kind " + std::to_string(kind) + ", and there are " +
               std::to_string(config.kinds.size()) + " kinds.");
  }
  for (size_t kind = 0; kind < config.kinds.size(); ++kind) {
    SOTTO_RETURN_IF_ERROR(check_kind(config.kinds[kind], "kinds[" + std::to_string(kind) + "]"));
  }
  for (size_t layer = 0; layer < config.n_layers(); ++layer) {
    SOTTO_RETURN_IF_ERROR(check_shared_keys(config, layer));
  }
  SOTTO_RETURN_IF_ERROR(check_layer_inputs(config));
  return check_streams(config);
}

}  // namespace sotto
