// A session as JavaScript holds it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "bindings/handles.h"
#include "bindings/number.h"
#include "engine/session.h"
#include "sampling/log_probabilities.h"

namespace sotto {

// A session, or the reason why there is none. It keeps its model alive.
class SessionBinding {
 public:
  explicit SessionBinding(const ModelBinding& model)
      : SessionBinding(model.model(), Session::create(*model.model())) {}
  SessionBinding(std::shared_ptr<const Model> model, Result<std::unique_ptr<Session>> session)
      : model_(std::move(model)) {
    if (session.is_ok()) {
      session_ = std::move(session.value());
    } else {
      status_ = to_value(session.error());
    }
  }

  StatusValue status() const { return status_; }
  int32_t number() const { return number_of(this); }
  uint32_t length() const { return session_->length(); }
  TypedArray<int32_t> tokens() const { return view(session_->tokens()); }

  TypedArray<float> logits() const { return view(session_->logits()); }
  uint32_t n_logit_rows() const { return session_->logits().size() / model_->config().vocab_size; }
  std::span<const float> logits_row(uint32_t row) const {
    SOTTO_CHECK(row < n_logit_rows());
    const size_t vocab_size = model_->config().vocab_size;
    return session_->logits().subspan(row * vocab_size, vocab_size);
  }
  // Of a row of logits: the log-probability of `token`, then the ids and log-probabilities of the n
  // likeliest tokens, in turn.
  TypedArray<double> log_probabilities(uint32_t row, int32_t token, uint32_t n) {
    numbers_.clear();
    for (const auto& [id, value] : sotto::log_probabilities(logits_row(row), token, n)) {
      if (!numbers_.empty()) numbers_.push_back(id);
      numbers_.push_back(value);
    }
    return view<double>(numbers_);
  }

  void release_logits() { session_->release_logits(); }
  void keep_last_logits() { session_->keep_last_logits(); }

  StatusValue truncate(uint32_t length) { return to_value(session_->truncate(length)); }
  // The length reached; the caller has checked the one asked for.
  uint32_t rewind(uint32_t length) {
    auto reached = session_->rewind(length);
    SOTTO_CHECK(reached.is_ok());
    return reached.value();
  }
  double state_bytes() const { return static_cast<double>(session_->state().bytes()); }
  std::unique_ptr<SessionBinding> fork() const {
    return std::make_unique<SessionBinding>(model_, session_->fork());
  }

  // Of a layer with keys and values: those before this position are gone.
  uint32_t kv_begin(uint32_t layer) const {
    return session_->state().group_of(layer).first_position();
  }
  // The bytes of one layer in one page, as they lie there.
  TypedArray<uint8_t> kv_page(uint32_t layer, uint32_t page) const {
    const KvGroup& group = session_->state().group_of(layer);
    const size_t bytes = group.layout().layer_bytes();
    const size_t index = session_->state().layout().index_in_group(layer);
    return view<uint8_t>({group.page(page) + index * bytes, bytes});
  }
  // Copies the keys, then the values of one head, [2, length - kv_begin, head_dim], to where
  // kv_values() shows them.
  StatusValue read_kv(uint32_t layer, uint32_t kv_head) {
    const KvGroup& group = session_->state().group_of(layer);
    const size_t begin = group.first_position();
    const size_t size = (length() - begin) * group.layout().head_dim;
    auto values = Buffer<float>::create(uint64_t{2} * size, "a copy of keys and values");
    if (!values.is_ok()) return to_value(values.error());
    kv_values_ = std::move(values.value());
    group.read(session_->state().layout().index_in_group(layer), kv_head, begin, length(),
               kv_values_.data(), kv_values_.data() + size);
    return {};
  }
  TypedArray<float> kv_values() const {
    return view<float>({kv_values_.data(), kv_values_.size()});
  }

  void set_taps(bool hidden, bool attention) {
    session_->set_taps({.hidden = hidden, .attention = attention});
  }
  TypedArray<float> hidden_tap() const { return view(session_->hidden_tap()); }
  TypedArray<float> attention_tap() const { return view(session_->attention_tap()); }

  Session& session() const { return *session_; }
  size_t n_layers() const { return model_->config().n_layers(); }

 private:
  std::shared_ptr<const Model> model_;
  std::unique_ptr<Session> session_;
  StatusValue status_;
  std::vector<double> numbers_;
  Buffer<float> kv_values_;
};

}  // namespace sotto
