// What writes a session as bytes, and reads it from them, as JavaScript holds it.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "bindings/session_handle.h"
#include "engine/session_bytes.h"

namespace sotto {

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
  double n_bytes() const { return static_cast<double>(writer_->n_bytes()); }
  TypedArray<uint8_t> next() { return view<uint8_t>(writer_->next()); }

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
  TypedArray<uint8_t> next() { return view<uint8_t>(reader_->next()); }
  std::unique_ptr<SessionBinding> finish() {
    return std::make_unique<SessionBinding>(model_, reader_->finish());
  }

 private:
  std::shared_ptr<const Model> model_;
  std::unique_ptr<SessionReader> reader_;
  StatusValue status_;
};

}  // namespace sotto
