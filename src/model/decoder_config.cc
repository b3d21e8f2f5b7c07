#include "model/decoder_config.h"

#include <cmath>
#include <string>

#include "kernels/linear/packed_linear.h"

namespace sotto {
namespace {

// Far above any model that fits a 32-bit address space, and small enough that products of two stay
// below 2^53.
constexpr int32_t kMostLayers = 1024;
constexpr int32_t kMostHeads = 1024;
constexpr int32_t kMostWidth = 1 << 18;
constexpr int32_t kMostTokens = 1 << 24;

struct Bound {
  const char* name;
  int32_t value;
  int32_t least;
  int32_t most;
};

Status check_bounds(const DecoderConfig& c) {
  // The embedding's rows are read back from packed panels, which are kReadableRows high.
  const auto least_vocab = static_cast<int32_t>(kReadableRows);
  const Bound bounds[] = {
      {"vocabSize", c.vocab_size, least_vocab, kMostTokens},
      {"contextLength", c.context_length, 1, kMostTokens},
      {"hiddenSize", c.hidden_size, 1, kMostWidth},
      {"intermediateSize", c.intermediate_size, 1, kMostWidth},
      {"nLayers", c.n_layers, 1, kMostLayers},
      {"nHeads", c.n_heads, 1, kMostHeads},
      {"nKvHeads", c.n_kv_heads, 1, kMostHeads},
      {"headDim", c.head_dim, 1, kMostWidth / kMostHeads * 16},
  };
  for (const Bound& bound : bounds) {
    if (bound.value >= bound.least && bound.value <= bound.most) continue;
    return Error{ErrorCode::kBadConfig, std::string(bound.name) + " is " +
                                            std::to_string(bound.value) + "; it must be between " +
                                            std::to_string(bound.least) + " and " +
                                            std::to_string(bound.most) + "."};
  }
  if (c.n_heads % c.n_kv_heads != 0) {
    return Error{ErrorCode::kBadConfig, "nHeads (" + std::to_string(c.n_heads) +
                                            ") is no multiple of nKvHeads (" +
                                            std::to_string(c.n_kv_heads) + ")."};
  }
  if (!std::isfinite(c.attention_scale) || !std::isfinite(c.embedding_scale) ||
      !(c.norm_epsilon >= 0) || !std::isfinite(c.norm_epsilon)) {
    return Error{ErrorCode::kBadConfig,
                 "attentionScale, embeddingScale and normEpsilon must be finite numbers, and "
                 "normEpsilon not negative."};
  }
  return {};
}

Status unsupported(const char* piece) {
  return Error{ErrorCode::kUnsupportedModel,
               std::string("the model needs ") + piece + ", which this version cannot compute."};
}

}  // namespace

Status validate(const DecoderConfig& config) {
  SOTTO_RETURN_IF_ERROR(check_bounds(config));
  if (config.norm != Norm::kLayer) return unsupported("RMSNorm");
  if (config.positions != Positions::kLearned) return unsupported("rotary positions");
  if (config.sliding_window != 0) return unsupported("sliding-window attention");
  if (config.has_qk_norm) return unsupported("norms on queries and keys");
  if (config.mlp != Mlp::kPlain) return unsupported("a gated MLP");
  if (config.activation != Activation::kGeluTanh)
    return unsupported("another activation than tanh-GELU");
  if (config.has_post_norms) return unsupported("norms after attention and MLP");
  if (config.attention_softcap != 0 || config.final_softcap != 0) return unsupported("soft caps");
  if (!config.has_qkv_bias || !config.has_output_bias || !config.has_mlp_bias) {
    return unsupported("products without a bias");
  }
  return {};
}

}  // namespace sotto
