// Sessions as JavaScript holds them, and what works on several of them or on their bytes.
#pragma once

#include <emscripten/val.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings/handles.h"
#include "engine/session.h"
#include "engine/session_bytes.h"
#include "sampling/log_probabilities.h"
#include "sampling/sampler.h"

namespace sotto {

// Session::append, for which lists of tokens and pages, and the units of attention, may grow.
inline StatusValue append_with_headroom(std::span<const SessionInput> inputs) {
  constexpr size_t kUnitBytes = 32;
  size_t n_bytes = 0;
  for (const SessionInput& input : inputs) {
    const Model& model = input.session->model();
    const size_t n_tokens = input.tokens.size();
    n_bytes += model.layout().list_bytes(input.session->length() + n_tokens) +
               kUnitBytes * model.config().most_heads() * n_tokens;
  }
  return with_headroom(n_bytes, "a pass", [&] { return Session::append(inputs); });
}

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
  size_t length() const { return session_->length(); }
  emscripten::val tokens() const { return view(session_->tokens()); }

  // Where the caller puts the tokens that append() and BatchBinding::add() take.
  emscripten::val input() { return view(kMostBatchRows, input_); }
  // `n_to_come`: see SessionInput.
  StatusValue append(size_t count, bool wants_all_logits, size_t n_to_come) {
    const SessionInput next = input_of(count, wants_all_logits, n_to_come);
    return append_with_headroom({&next, 1});
  }
  SessionInput input_of(size_t count, bool wants_all_logits, size_t n_to_come) {
    return {session_.get(), {input_, count}, wants_all_logits, n_to_come};
  }

  emscripten::val logits() const { return view(session_->logits()); }
  std::span<const float> logits_row(size_t row) const {
    const size_t vocab_size = model_->config().vocab_size;
    return session_->logits().subspan(row * vocab_size, vocab_size);
  }
  // Of a row of logits: the log-probability of `token`, then the ids and log-probabilities of the n
  // likeliest tokens, in turn.
  emscripten::val log_probabilities(size_t row, int32_t token, size_t n) {
    numbers_.clear();
    for (const auto& [id, value] : sotto::log_probabilities(logits_row(row), token, n)) {
      if (!numbers_.empty()) numbers_.push_back(id);
      numbers_.push_back(value);
    }
    return view(numbers_.size(), numbers_.data());
  }

  void release_logits() { session_->release_logits(); }
  void keep_last_logits() { session_->keep_last_logits(); }

  StatusValue truncate(size_t length) { return to_value(session_->truncate(length)); }
  // The length reached; the caller has checked the one asked for.
  size_t rewind(size_t length) {
    auto reached = session_->rewind(length);
    SOTTO_CHECK(reached.is_ok());
    return reached.value();
  }
  double state_bytes() const { return static_cast<double>(session_->state().bytes()); }
  std::unique_ptr<SessionBinding> fork() const {
    return std::make_unique<SessionBinding>(model_, session_->fork());
  }

  // Of a layer with keys and values: those before this position are gone.
  size_t kv_begin(size_t layer) const { return session_->state().group_of(layer).first_position(); }
  // The bytes of one layer in one page, as they lie there.
  emscripten::val kv_page(size_t layer, size_t page) const {
    const KvGroup& group = session_->state().group_of(layer);
    const size_t bytes = group.layout().layer_bytes();
    const size_t index = session_->state().layout().index_in_group(layer);
    return view(bytes, group.page(page) + index * bytes);
  }
  // Copies the keys, then the values of one head, [2, length - kv_begin, head_dim], to where
  // kv_values() shows them.
  StatusValue read_kv(size_t layer, size_t kv_head) {
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
  emscripten::val kv_values() const { return view(kv_values_.size(), kv_values_.data()); }

  void set_taps(bool hidden, bool attention) {
    session_->set_taps({.hidden = hidden, .attention = attention});
  }
  emscripten::val hidden_tap() const { return view(session_->hidden_tap()); }
  emscripten::val attention_tap() const { return view(session_->attention_tap()); }

  const Session& session() const { return *session_; }
  size_t n_layers() const { return model_->config().n_layers(); }

 private:
  template <typename T>
  static emscripten::val view(std::span<const T> values) {
    return sotto::view(values.size(), values.data());
  }
  template <typename T>
  static emscripten::val view(size_t size, const T* data) {
    return sotto::view(size, data);
  }

  std::shared_ptr<const Model> model_;
  std::unique_ptr<Session> session_;
  StatusValue status_;
  int32_t input_[kMostBatchRows] = {};
  std::vector<double> numbers_;
  Buffer<float> kv_values_;
};

// Several sessions of one model that go on in the same pass. They must outlive run().
class BatchBinding {
 public:
  BatchBinding() { inputs_.reserve(kMostBatchRows); }
  void clear() { inputs_.clear(); }
  // The first `count` tokens of the session's input().
  void add(SessionBinding& session, size_t count, bool wants_all_logits, size_t n_to_come) {
    inputs_.push_back(session.input_of(count, wants_all_logits, n_to_come));
  }
  StatusValue run() {
    const StatusValue status = append_with_headroom(inputs_);
    clear();
    return status;
  }

 private:
  std::vector<SessionInput> inputs_;
};

// The bytes of a session part by part, or the reason why there are none.
class SessionWriterBinding {
 public:
  explicit SessionWriterBinding(const SessionBinding& session) {
    auto writer = SessionWriter::create(session.session());
    if (writer.is_ok()) {
      writer_ = std::move(writer.value());
    } else {
      status_ = to_value(writer.error());
    }
  }
  StatusValue status() const { return status_; }
  size_t n_bytes() const { return writer_->n_bytes(); }
  emscripten::val next() {
    const auto part = writer_->next();
    return view(part.size(), part.data());
  }

 private:
  std::unique_ptr<SessionWriter> writer_;
  StatusValue status_;
};

// Takes the bytes of a session part by part, or tells why it does not.
class SessionReaderBinding {
 public:
  // `header`: the first kHeaderBytes of n_bytes.
  static constexpr size_t kHeaderBytes = sizeof(SessionHeader);
  SessionReaderBinding(const ModelBinding& model, const std::string& header, double n_bytes)
      : model_(model.model()) {
    SessionHeader parsed;
    SOTTO_CHECK(header.size() == sizeof(parsed));
    std::memcpy(&parsed, header.data(), sizeof(parsed));
    auto reader = SessionReader::create(*model_, parsed, static_cast<size_t>(n_bytes));
    if (reader.is_ok()) {
      reader_ = std::move(reader.value());
    } else {
      status_ = to_value(reader.error());
    }
  }
  StatusValue status() const { return status_; }
  emscripten::val next() {
    const auto part = reader_->next();
    return view(part.size(), part.data());
  }
  std::unique_ptr<SessionBinding> finish() {
    return std::make_unique<SessionBinding>(model_, reader_->finish());
  }

 private:
  std::shared_ptr<const Model> model_;
  std::unique_ptr<SessionReader> reader_;
  StatusValue status_;
};

class SamplerBinding {
 public:
  explicit SamplerBinding(const SamplerValue& value) : sampler_(to_options(value)) {}

  void begin(const emscripten::val& prompt) { sampler_.begin(to_token_ids(prompt)); }
  void accept(int32_t token) { sampler_.accept(token); }
  size_t length() const { return sampler_.history().tokens.size(); }

  // The token by a row of the session's logits, or -1 when there is none: status() tells why.
  int32_t sample(const SessionBinding& session, size_t row) {
    return chosen(sampler_.sample(session.logits_row(row)));
  }
  // In two steps: the processed logits, which may be changed before choose(). Empty when it failed.
  emscripten::val process(const SessionBinding& session, size_t row) {
    auto processed = sampler_.process(session.logits_row(row));
    if (!processed.is_ok()) {
      status_ = to_value(processed.error());
      return view<float>(0, nullptr);
    }
    status_ = {};
    return view(processed.value().size(), processed.value().data());
  }
  int32_t choose() { return chosen(sampler_.choose()); }
  // Of the last call.
  StatusValue status() const { return status_; }

 private:
  int32_t chosen(Result<int32_t> token) {
    status_ = token.is_ok() ? StatusValue{} : to_value(token.error());
    return token.is_ok() ? token.value() : -1;
  }

  Sampler sampler_;
  StatusValue status_;
};

}  // namespace sotto
