// What a model would take, before anything of it is allocated.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "engine/model.h"

namespace sotto {

// Sizes are in bytes, and may be more than the memory can hold.
class LoadPlan {
 public:
  // Of a model that Model::create() would make of the same. Validates; kOutOfMemory where not even
  // the names of its tensors have room. `pool` is not kept.
  static Result<std::unique_ptr<LoadPlan>> create(DecoderConfig config, WeightType type,
                                                  bool keeps_blocks, ThreadPool& pool);

  // Takes account of a tensor of the files. Fails as the model's own loader would.
  Status add(const TensorRequest& request) { return loader_->measure(request); }
  // Of a tensor that would stay in its file.
  Status keep_outside(const std::string& name) { return loader_->measure_outside(name); }
  // Of the tensors that were not added, as if they came whole.
  Status add_others() { return loader_->measure_others(); }

  uint64_t weight_bytes_of(WeightType type) const {
    return sizes_.matrices[static_cast<size_t>(type)];
  }
  uint64_t weight_bytes() const;
  // What is in use, with what was when the plan was made: of the loaded model, and the most while
  // it is loaded.
  uint64_t loaded_bytes() const;
  uint64_t peak_bytes() const;
  // Of a session of so many tokens, with its lists and one row of logits.
  uint64_t session_bytes(size_t n_tokens) const;

 private:
  LoadPlan(DecoderConfig config, WeightType type)
      : config_(std::move(config)), layout_(config_, kv_type_for(type)) {}
  uint64_t layer_bytes() const { return uint64_t{config_.n_layers()} * sizeof(LayerWeights); }

  DecoderConfig config_;
  SequenceLayout layout_;
  Weights weights_;  // which stay empty
  LoadSizes sizes_;
  std::unique_ptr<WeightLoader> loader_;
  uint64_t before_ = 0;  // in use without the plan
  uint64_t workspace_ = 0;
  uint64_t slots_ = 0;  // of the loader
};

}  // namespace sotto
