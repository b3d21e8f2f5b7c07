// The engine's objects as JavaScript holds them: each owns what it stands for, until its delete().
#pragma once

#include <emscripten/val.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "bindings/values.h"
#include "engine/model.h"
#include "engine/session.h"
#include "sampling/sampler.h"

namespace sotto {

template <typename T>
emscripten::val view(size_t size, const T* data) {
  return emscripten::val(emscripten::typed_memory_view(size, data));
}

// A model, or the reason why there is none: status() tells.
class ModelBinding {
 public:
  ModelBinding(const ConfigValue& value, const std::string& weights) {
    auto config = to_config(value);
    if (!config.is_ok()) {
      status_ = to_value(config.error());
      return;
    }
    const auto type = parse_weight_type(weights);
    if (!type) {
      status_ = to_value(Error{ErrorCode::kBadOption, "weights '" + weights + "' are unknown."});
      return;
    }
    auto model = Model::create(config.value(), *type, engine_pool());
    if (model.is_ok()) {
      model_ = std::move(model.value());
    } else {
      status_ = to_value(model.error());
    }
  }

  StatusValue status() const { return status_; }
  StatusValue begin_tensor(const RequestValue& value) {
    auto request = to_request(value);
    return request.is_ok() ? to_value(model_->loader().begin(request.value()))
                           : to_value(request.error());
  }
  // A view of the heap, as all of these: valid until the heap grows.
  emscripten::val staging() const {
    return view(WeightLoader::kStagingBytes, model_->loader().staging());
  }
  StatusValue write_chunk(size_t bytes) { return to_value(model_->loader().write(bytes)); }
  StatusValue end_tensor() { return to_value(model_->loader().end()); }
  StatusValue finish() { return to_value(model_->finish_loading()); }
  double weight_bytes() const { return static_cast<double>(model_->weights().bytes()); }

  std::shared_ptr<const Model> model() const { return model_; }

 private:
  std::shared_ptr<Model> model_;
  StatusValue status_;
};

// A session, or the reason why there is none. It keeps its model alive.
class SessionBinding {
 public:
  explicit SessionBinding(const ModelBinding& model)
      : SessionBinding(model.model(), Session::create(*model.model())) {}

  StatusValue status() const { return status_; }
  emscripten::val tokens() { return view(kMostBatchRows, tokens_); }
  StatusValue append(size_t count, bool wants_all_logits) {
    return to_value(session_->append({tokens_, count}, wants_all_logits));
  }
  emscripten::val logits() const {
    return view(session_->logits().size(), session_->logits().data());
  }
  size_t length() const { return session_->length(); }
  StatusValue truncate(size_t length) { return to_value(session_->truncate(length)); }
  std::unique_ptr<SessionBinding> fork() const {
    return std::unique_ptr<SessionBinding>(new SessionBinding(model_, session_->fork()));
  }

  const Session& session() const { return *session_; }

 private:
  SessionBinding(std::shared_ptr<const Model> model, Result<std::unique_ptr<Session>> session)
      : model_(std::move(model)) {
    if (session.is_ok()) {
      session_ = std::move(session.value());
    } else {
      status_ = to_value(session.error());
    }
  }

  std::shared_ptr<const Model> model_;
  std::unique_ptr<Session> session_;
  StatusValue status_;
  int32_t tokens_[kMostBatchRows] = {};
};

class SamplerBinding {
 public:
  explicit SamplerBinding(const SamplerValue& value) : sampler_(to_options(value)) {}

  void begin(const emscripten::val& prompt) { sampler_.begin(to_token_ids(prompt)); }
  void accept(int32_t token) { sampler_.accept(token); }

  // The token, or -1 when there is none: status() tells why.
  int32_t sample(const SessionBinding& session) {
    auto token = sampler_.sample(session.session().last_logits());
    status_ = token.is_ok() ? StatusValue{} : to_value(token.error());
    return token.is_ok() ? token.value() : -1;
  }
  // Of the last sample().
  StatusValue status() const { return status_; }

 private:
  Sampler sampler_;
  StatusValue status_;
};

}  // namespace sotto
