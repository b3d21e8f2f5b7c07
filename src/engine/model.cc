#include "engine/model.h"

#include <utility>

#include "base/check.h"

namespace sotto {

Result<std::unique_ptr<Model>> Model::create(DecoderConfig config, WeightType type,
                                             bool keeps_blocks, ThreadPool& pool) {
  if (const Status status = validate(config); !status.is_ok()) return status.error();
  SOTTO_RETURN_IF_ERROR(ensure_headroom(config.n_layers() * kLayerBytes, "a model"));
  std::unique_ptr<Model> model(new Model(std::move(config), type));
  auto workspace = Workspace::create(model->config_, pool);
  if (!workspace.is_ok()) return workspace.error();
  model->workspace_ = std::move(workspace.value());
  auto loader = WeightLoader::create(model->config_, type, keeps_blocks, &model->weights_);
  if (!loader.is_ok()) return loader.error();
  model->loader_ = std::make_unique<WeightLoader>(std::move(loader.value()));
  return model;
}

WeightLoader& Model::loader() {
  SOTTO_CHECK(loader_ != nullptr);
  return *loader_;
}

Status Model::finish_loading() {
  SOTTO_RETURN_IF_ERROR(loader().finish());
  loader_ = nullptr;
  is_loaded_ = true;
  return {};
}

}  // namespace sotto
