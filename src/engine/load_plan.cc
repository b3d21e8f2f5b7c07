#include "engine/load_plan.h"

#include <algorithm>
#include <utility>

#include "base/heap.h"

namespace sotto {

Result<std::unique_ptr<LoadPlan>> LoadPlan::create(DecoderConfig config, WeightType type,
                                                   bool keeps_blocks, ThreadPool& pool) {
  if (const Status status = validate(config); !status.is_ok()) return status.error();
  SOTTO_RETURN_IF_ERROR(ensure_headroom(config.n_layers() * kLayerBytes, "a model"));
  const size_t before = memory_stats().in_use;
  std::unique_ptr<LoadPlan> plan(new LoadPlan(std::move(config), type));
  plan->before_ = before;
  plan->workspace_ = Workspace::bytes_for(plan->config_, pool);
  const size_t without_slots = memory_stats().in_use + plan->layer_bytes();
  auto loader =
      WeightLoader::create(plan->config_, type, keeps_blocks, &plan->weights_, &plan->sizes_);
  if (!loader.is_ok()) return loader.error();
  plan->loader_ = std::make_unique<WeightLoader>(std::move(loader.value()));
  plan->slots_ = memory_stats().in_use - without_slots;
  return plan;
}

uint64_t LoadPlan::weight_bytes() const {
  uint64_t total = sizes_.tables;
  for (const uint64_t bytes : sizes_.matrices) total += bytes;
  return total;
}

uint64_t LoadPlan::loaded_bytes() const {
  return before_ + layer_bytes() + workspace_ + weight_bytes() + sizes_.around;
}

uint64_t LoadPlan::peak_bytes() const {
  const uint64_t making = before_ + uint64_t{config_.n_layers()} * kLayerBytes;
  const uint64_t loading =
      loaded_bytes() + slots_ + WeightLoader::kStagingBytes + sizes_.block + sizes_.strip;
  return std::max(making, loading) + kSmallThings;
}

uint64_t LoadPlan::session_bytes(size_t n_tokens) const {
  return layout_.bytes(n_tokens) + layout_.list_bytes(n_tokens) +
         uint64_t{sizeof(float)} * static_cast<size_t>(config_.vocab_size);
}

}  // namespace sotto
