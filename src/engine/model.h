// A model in memory: its configuration, its weights, and the workspace that its sessions take turns
// in.
#pragma once

#include <memory>

#include "base/result.h"
#include "model/decoder.h"
#include "model/weight_loader.h"

namespace sotto {

class Model {
 public:
  // Validates, and makes everything but the weights.
  static Result<std::unique_ptr<Model>> create(const DecoderConfig& config);

  const DecoderConfig& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  const Activations& activations() const { return workspace_.activations(); }
  bool is_loaded() const { return is_loaded_; }

  // Takes the weights until finish_loading() succeeds; must not be used after that.
  WeightLoader& loader();
  Status finish_loading();

 private:
  explicit Model(const DecoderConfig& config) : config_(config) {}

  DecoderConfig config_;
  Weights weights_;
  Workspace workspace_;
  std::unique_ptr<WeightLoader> loader_;
  bool is_loaded_ = false;
};

}  // namespace sotto
