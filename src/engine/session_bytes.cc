#include "engine/session_bytes.h"

#include <cstring>
#include <string>
#include <utility>

#include "base/check.h"

namespace sotto {
namespace {

constexpr char kMagic[8] = "sottoKV";
constexpr uint32_t kVersion = 1;
constexpr size_t kPartsBeforePages = 3;  // header, tokens, logits

Error bad_session(const std::string& problem) {
  return {ErrorCode::kBadSession, "these bytes are no session to restore here: " + problem};
}

template <typename T>
std::span<const uint8_t> bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()};
}
template <typename T>
std::span<uint8_t> writable_bytes_of(std::span<T> values) {
  return {reinterpret_cast<uint8_t*>(values.data()), values.size_bytes()};
}

// Of a session of so many tokens and logits.
uint64_t total_bytes(uint64_t n_tokens, uint64_t n_logits, uint64_t page_bytes) {
  const uint64_t n_pages = (n_tokens + kPagePositions - 1) / kPagePositions;
  return sizeof(SessionHeader) + 4 * (n_tokens + n_logits) + n_pages * page_bytes +
         sizeof(uint64_t);
}

Status check_header(const SessionHeader& header, size_t n_bytes, const Model& model,
                    uint64_t fingerprint, size_t page_bytes) {
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0) {
    return bad_session("they were not made by save().");
  }
  if (header.version != kVersion) {
    return bad_session("they are of version " + std::to_string(header.version) +
                       " of the format, and this sotto reads version " + std::to_string(kVersion) +
                       ". Make the session anew from its text.");
  }
  if (header.fingerprint != fingerprint) {
    return bad_session(
        "they were made with another model, or with other weights (f32, q8, q4). Load that model, "
        "or make the session anew from its text.");
  }
  const DecoderConfig& config = model.config();
  const auto vocab_size = static_cast<uint32_t>(config.vocab_size);
  const bool is_possible =
      header.n_tokens <= static_cast<uint32_t>(config.context_length) &&
      (header.n_logits == 0 || (header.n_logits == vocab_size && header.n_tokens > 0)) &&
      header.page_bytes == page_bytes;
  if (!is_possible) return bad_session("they are damaged.");
  const uint64_t expected = total_bytes(header.n_tokens, header.n_logits, page_bytes);
  if (header.n_bytes != expected || n_bytes != expected) {
    return bad_session("there are " + std::to_string(n_bytes) + " bytes, and there should be " +
                       std::to_string(expected) + ": they were cut off, or damaged.");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<SessionWriter>> SessionWriter::create(const Session& session) {
  auto fingerprint = session.model().fingerprint();
  if (!fingerprint.is_ok()) return fingerprint.error();
  std::unique_ptr<SessionWriter> writer(new SessionWriter(session.fork()));
  SOTTO_RETURN_IF_ERROR(writer->session_->cache_.clear_tail());
  SessionHeader& header = writer->header_;
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.version = kVersion;
  header.n_tokens = session.length();
  header.fingerprint = fingerprint.value();
  header.n_logits = session.last_logits().size();
  header.page_bytes = session.cache().layout().page_bytes();
  header.n_bytes = total_bytes(header.n_tokens, header.n_logits, header.page_bytes);
  return writer;
}

std::span<const uint8_t> SessionWriter::next() {
  const size_t part = n_parts_out_++;
  const auto pages = session_->cache().pages();
  std::span<const uint8_t> bytes;
  if (part == 0) {
    bytes = bytes_of(std::span<const SessionHeader>(&header_, 1));
  } else if (part == 1) {
    bytes = bytes_of(session_->tokens());
  } else if (part == 2) {
    bytes = bytes_of(session_->last_logits());
  } else if (part - kPartsBeforePages < pages.size()) {
    bytes = {pages[part - kPartsBeforePages], header_.page_bytes};
  } else if (part - kPartsBeforePages == pages.size()) {
    checksum_ = hash_.value();
    return bytes_of(std::span<const uint64_t>(&checksum_, 1));
  } else {
    return {};
  }
  hash_.add(bytes.data(), bytes.size());
  return bytes.empty() ? next() : bytes;
}

Result<std::unique_ptr<SessionReader>> SessionReader::create(const Model& model,
                                                             const SessionHeader& header,
                                                             size_t n_bytes) {
  auto fingerprint = model.fingerprint();
  if (!fingerprint.is_ok()) return fingerprint.error();
  std::unique_ptr<SessionReader> reader(new SessionReader(model));
  Session& session = *reader->session_;
  SOTTO_RETURN_IF_ERROR(check_header(header, n_bytes, model, fingerprint.value(),
                                     session.cache_.layout().page_bytes()));
  reader->header_ = header;
  SOTTO_RETURN_IF_ERROR(session.cache_.reserve(header.n_tokens));
  session.tokens_.resize(header.n_tokens);
  if (header.n_logits > 0) {
    auto logits = Buffer<float>::create(header.n_logits, "logits");
    if (!logits.is_ok()) return logits.error();
    session.logits_ = {std::make_shared<Buffer<float>>(std::move(logits.value())), 0,
                       header.n_logits};
  }
  return reader;
}

std::span<uint8_t> SessionReader::next() {
  const size_t part = ++n_parts_in_;  // the header has been read
  Session& session = *session_;
  const auto pages = session.cache_.pages();
  std::span<uint8_t> bytes;
  if (part == 1) {
    bytes = writable_bytes_of(std::span<int32_t>(session.tokens_));
  } else if (part == 2) {
    if (header_.n_logits > 0) {
      bytes = writable_bytes_of(std::span<float>(session.logits_.buffer->data(), header_.n_logits));
    }
  } else if (part - kPartsBeforePages < pages.size()) {
    bytes = {pages[part - kPartsBeforePages], header_.page_bytes};
  } else if (part - kPartsBeforePages == pages.size()) {
    return writable_bytes_of(std::span<uint64_t>(&checksum_, 1));
  } else {
    return {};
  }
  return bytes.empty() ? next() : bytes;
}

Result<std::unique_ptr<Session>> SessionReader::finish() {
  SOTTO_CHECK(session_ != nullptr);
  Hash hash;
  const auto add = [&](std::span<const uint8_t> bytes) { hash.add(bytes.data(), bytes.size()); };
  add(bytes_of(std::span<const SessionHeader>(&header_, 1)));
  add(bytes_of(session_->tokens()));
  add(bytes_of(session_->logits()));
  for (const uint8_t* page : session_->cache_.pages()) add({page, header_.page_bytes});
  if (hash.value() != checksum_) return bad_session("they are damaged.");
  for (const int32_t token : session_->tokens_) {
    if (token < 0 || token >= session_->model_.config().vocab_size) {
      return bad_session("they hold a token that is none.");
    }
  }
  session_->cache_.advance(header_.n_tokens);
  return std::move(session_);
}

}  // namespace sotto
