#include "engine/session_bytes.h"

#include <cstring>
#include <string>
#include <utility>

#include "base/check.h"

namespace sotto {
namespace {

constexpr char kMagic[8] = "sottoKV";
constexpr uint32_t kVersion = 2;

Error bad_session(const std::string& problem) {
  return {ErrorCode::kBadSession, "these bytes are no session to restore here: " + problem};
}

template <typename T>
std::span<uint8_t> bytes_of(T* values, size_t n) {
  return {reinterpret_cast<uint8_t*>(values), n * sizeof(T)};
}

// Those of a session of so many tokens and logits, in their order.
std::vector<SectionHeader> sections_of(const SequenceLayout& layout, uint64_t n_tokens,
                                       uint64_t n_logits) {
  std::vector<SectionHeader> sections = {
      {SectionHeader::kTokens, 0, n_tokens * sizeof(int32_t)},
      {SectionHeader::kLogits, 0, n_logits * sizeof(float)},
  };
  for (const KvGroupLayout& group : layout.groups()) {
    const size_t first_page = group.first_visible(n_tokens) / kPagePositions;
    const size_t n_pages = pages_for(n_tokens) - first_page;
    sections.push_back({SectionHeader::kKeysValues,
                        static_cast<uint32_t>(first_page * kPagePositions),
                        static_cast<uint64_t>(n_pages) * group.page_bytes()});
  }
  if (layout.recurrent_bytes() > 0 && n_tokens > 0) {
    sections.push_back({SectionHeader::kState, 0, layout.recurrent_bytes()});
  }
  return sections;
}

uint64_t total_bytes(std::span<const SectionHeader> sections) {
  uint64_t total = sizeof(SessionHeader) + sizeof(uint64_t);
  for (const SectionHeader& section : sections) total += sizeof(section) + section.n_bytes;
  return total;
}

// Where the header and the sections lie, part by part. `state`: of the recurrent layers.
std::vector<std::span<uint8_t>> parts_of(SessionHeader* header,
                                         std::vector<SectionHeader>* sections,
                                         std::span<int32_t> tokens, std::span<float> logits,
                                         const SequenceState& sequence, float* state) {
  std::vector<std::span<uint8_t>> parts = {bytes_of(header, 1)};
  auto group = sequence.groups().begin();
  for (SectionHeader& section : *sections) {
    parts.push_back(bytes_of(&section, 1));
    switch (section.kind) {
      case SectionHeader::kTokens:
        parts.push_back(bytes_of(tokens.data(), tokens.size()));
        break;
      case SectionHeader::kLogits:
        parts.push_back(bytes_of(logits.data(), logits.size()));
        break;
      case SectionHeader::kKeysValues:
        for (size_t page = group->first_page(); page < group->n_pages(); ++page) {
          parts.push_back({group->page(page), group->layout().page_bytes()});
        }
        ++group;
        break;
      default:
        parts.push_back(bytes_of(state, section.n_bytes / sizeof(float)));
    }
  }
  return parts;
}

Status check_header(const SessionHeader& header, const Model& model, uint64_t fingerprint) {
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
      header.uses_long_factors <= 1;
  if (!is_possible) return bad_session("they are damaged.");
  return {};
}

Status check_size(const SessionHeader& header, uint64_t n_bytes, uint64_t expected) {
  if (header.n_bytes == expected && n_bytes == expected) return {};
  return bad_session("there are " + std::to_string(n_bytes) + " bytes, and there should be " +
                     std::to_string(expected) + ": they were cut off, or damaged.");
}

}  // namespace

Result<std::unique_ptr<SessionWriter>> SessionWriter::create(const Session& session) {
  auto fingerprint = session.model().fingerprint();
  if (!fingerprint.is_ok()) return fingerprint.error();
  std::unique_ptr<SessionWriter> writer(new SessionWriter(session.fork()));
  Session& fork = *writer->session_;
  SOTTO_RETURN_IF_ERROR(fork.state_.strip());
  const auto logits = fork.last_logits();
  writer->sections_ = sections_of(session.model().layout(), fork.length(), logits.size());
  SessionHeader& header = writer->header_;
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.version = kVersion;
  header.n_tokens = fork.length();
  header.fingerprint = fingerprint.value();
  header.n_logits = logits.size();
  header.uses_long_factors = fork.state_.uses_long_factors() ? 1 : 0;
  header.n_bytes = total_bytes(writer->sections_);
  // They are only read: next() hands them out as const.
  auto* const last_logits = const_cast<float*>(logits.data());
  auto* const state = const_cast<float*>(fork.state_.state_in(0));
  writer->parts_ = parts_of(&header, &writer->sections_, fork.tokens_, {last_logits, logits.size()},
                            fork.state_, state);
  return writer;
}

std::span<const uint8_t> SessionWriter::next() {
  while (n_parts_out_ < parts_.size()) {
    const auto bytes = parts_[n_parts_out_++];
    hash_.add(bytes.data(), bytes.size());
    if (!bytes.empty()) return bytes;
  }
  if (n_parts_out_++ > parts_.size()) return {};
  checksum_ = hash_.value();
  return bytes_of(&checksum_, 1);
}

Result<std::unique_ptr<SessionReader>> SessionReader::create(const Model& model,
                                                             const SessionHeader& header,
                                                             size_t n_bytes) {
  auto fingerprint = model.fingerprint();
  if (!fingerprint.is_ok()) return fingerprint.error();
  SOTTO_RETURN_IF_ERROR(check_header(header, model, fingerprint.value()));
  std::unique_ptr<SessionReader> reader(new SessionReader(model));
  reader->header_ = header;
  reader->sections_ = sections_of(model.layout(), header.n_tokens, header.n_logits);
  SOTTO_RETURN_IF_ERROR(check_size(header, n_bytes, total_bytes(reader->sections_)));
  Session& session = *reader->session_;
  session.state_.set_long_factors(header.uses_long_factors == 1);
  SOTTO_RETURN_IF_ERROR(session.state_.reserve_stripped(header.n_tokens));
  session.tokens_.resize(header.n_tokens);
  if (header.n_logits > 0) {
    auto logits = Buffer<float>::create(header.n_logits, "logits");
    if (!logits.is_ok()) return logits.error();
    session.logits_ = {std::make_shared<Buffer<float>>(std::move(logits.value())), 0,
                       header.n_logits};
  }
  float* const logits = header.n_logits > 0 ? session.logits_.buffer->data() : nullptr;
  reader->parts_ = parts_of(&reader->header_, &reader->sections_, session.tokens_,
                            {logits, header.n_logits}, session.state_, session.state_.state_out(0));
  return reader;
}

std::span<uint8_t> SessionReader::next() {
  while (n_parts_in_ < parts_.size()) {
    const auto bytes = parts_[n_parts_in_++];
    if (!bytes.empty()) return bytes;
  }
  if (n_parts_in_++ > parts_.size()) return {};
  return bytes_of(&checksum_, 1);
}

Result<std::unique_ptr<Session>> SessionReader::finish() {
  SOTTO_CHECK(session_ != nullptr);
  Hash hash;
  for (const auto& part : parts_) hash.add(part.data(), part.size());
  const auto expected = sections_of(session_->model().layout(), header_.n_tokens, header_.n_logits);
  const bool are_sections_right =
      std::memcmp(expected.data(), sections_.data(), expected.size() * sizeof(SectionHeader)) == 0;
  if (hash.value() != checksum_ || !are_sections_right) return bad_session("they are damaged.");
  for (const int32_t token : session_->tokens_) {
    if (token < 0 || token >= session_->model_.config().vocab_size) {
      return bad_session("they hold a token that is none.");
    }
  }
  session_->state_.restored(header_.n_tokens);
  return std::move(session_);
}

}  // namespace sotto
