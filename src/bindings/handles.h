// The engine's objects as JavaScript holds them: each owns what it stands for, until its delete().
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "bindings/config.h"
#include "bindings/javascript_rows.h"
#include "bindings/typed_array.h"
#include "bindings/values.h"
#include "engine/model.h"

namespace sotto {

// T::create() of what a model is made from.
template <typename T>
Result<std::unique_ptr<T>> create_of(const ConfigObject& object, const std::string& weights,
                                     bool keeps_blocks) {
  auto config = read_config(object);
  if (!config.is_ok()) return config.error();
  const auto type = parse_weight_type(weights);
  if (!type || !traits_of(*type).can_quantize) {
    return Error{ErrorCode::kBadOption, "weights '" + weights + "' are unknown."};
  }
  return T::create(std::move(config.value()), *type, keeps_blocks, engine_pool());
}

// A model, or the reason why there is none: status() tells.
class ModelBinding {
 public:
  // keeps_blocks: whether what comes quantised stays so, else it becomes `weights`, too.
  ModelBinding(const ConfigObject& object, const std::string& weights, bool keeps_blocks) {
    auto model = create_of<Model>(object, weights, keeps_blocks);
    if (model.is_ok()) {
      model_ = std::move(model.value());
    } else {
      status_ = to_value(model.error());
    }
  }

  StatusValue status() const { return status_; }
  StatusValue begin_tensor(const RequestValue& value) {
    return with_headroom(8 * value.name.size(), "a tensor's name", [&]() -> Status {
      auto request = to_request(value);
      return request.is_ok() ? model_->loader().begin(request.value()) : request.error();
    });
  }
  TypedArray<uint8_t> staging() const {
    return view<uint8_t>({model_->loader().staging(), model_->loader().staging_bytes()});
  }
  std::string part_type() const { return traits_of(model_->loader().part_type()).name; }
  StatusValue write_chunk(uint32_t bytes) {
    return with_headroom(0, "loading", [&] { return model_->loader().write(bytes); });
  }
  StatusValue end_tensor() {
    return with_headroom(0, "loading", [&] { return model_->loader().end(); });
  }
  // read_row(row, bytes): fills the bytes of a row, and says what went wrong, else ''.
  StatusValue keep_outside(const RequestValue& value, const ReadRowFunction& read_row) {
    return with_headroom(8 * value.name.size(), "a tensor's name", [&]() -> Status {
      auto request = to_request(value);
      if (!request.is_ok()) return request.error();
      const FileType& type = request.value().type;
      const size_t n_units = static_cast<size_t>(request.value().columns) / type.unit_columns();
      auto reader = std::make_unique<JavaScriptRows>(read_row, n_units * type.unit_bytes());
      return model_->loader().keep_outside(request.value(), std::move(reader));
    });
  }
  StatusValue finish() {
    return with_headroom(0, "loading", [&] { return model_->finish_loading(); });
  }
  double weight_bytes() const { return static_cast<double>(model_->weights().bytes()); }
  double weight_bytes_of(const std::string& type) const {
    return static_cast<double>(model_->weights().bytes_of_type(to_weight_type(type)));
  }
  double sequence_bytes(uint32_t n_positions) const {
    return static_cast<double>(model_->layout().bytes(n_positions));
  }
  double list_bytes(uint32_t n_positions) const {
    return static_cast<double>(model_->layout().list_bytes(n_positions));
  }
  std::string kv_type() const { return model_->kv_type() == KvType::kF32 ? "f32" : "int8"; }
  bool is_cut_anywhere() const { return model_->layout().is_cut_anywhere(); }

  std::shared_ptr<const Model> model() const { return model_; }

 private:
  std::shared_ptr<Model> model_;
  StatusValue status_;
};

}  // namespace sotto
