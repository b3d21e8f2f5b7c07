// A model in memory: its configuration, its weights, and the workspace that its sessions take turns
// in.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "base/result.h"
#include "model/decoder.h"
#include "model/weight_loader.h"

namespace sotto {

// Of each layer, what a model's objects may take while it is made: its tensors' names, the slots
// that wait for them, its weights' headers.
constexpr size_t kLayerBytes = size_t{16} << 10;

// Models whose weights are rounded keep their keys and values rounded, too.
constexpr KvType kv_type_for(WeightType type) {
  return type == WeightType::kF32 ? KvType::kF32 : KvType::kInt8;
}

class Model {
 public:
  // Validates, and makes everything but the weights, which are kept in `type`: those that come as
  // blocks only where `keeps_blocks` is false. `pool` outlives the model.
  static Result<std::unique_ptr<Model>> create(DecoderConfig config, WeightType type,
                                               bool keeps_blocks, ThreadPool& pool);

  const DecoderConfig& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  const Workspace& workspace() const { return workspace_; }
  KvType kv_type() const { return kv_type_for(type_); }
  // Of its sequences.
  const SequenceLayout& layout() const { return layout_; }
  bool is_loaded() const { return is_loaded_; }

  // What tells this model's sessions from those of others: of its weights, their type and its
  // shape. Computed at the first call, by one short pass; kOutOfMemory.
  Result<uint64_t> fingerprint() const;

  // Takes the weights until finish_loading() succeeds; must not be used after that.
  WeightLoader& loader();
  Status finish_loading();

 private:
  Model(DecoderConfig config, WeightType type)
      : config_(std::move(config)), type_(type), layout_(config_, kv_type()) {}

  DecoderConfig config_;
  WeightType type_;
  SequenceLayout layout_;
  Weights weights_;
  Workspace workspace_;
  std::unique_ptr<WeightLoader> loader_;
  bool is_loaded_ = false;
  mutable std::optional<uint64_t> fingerprint_;
};

}  // namespace sotto
