// Sessions as bytes, to keep them where the page likes and to go on with them later, with the same
// logits to the last bit. All numbers are little-endian:
//
//   SessionHeader
//   sections: a SectionHeader, then its bytes
//     tokens           i32 [n_tokens]
//     logits           f32 [n_logits]: what follows the last token, or nothing
//     keys and values  of each group of layers, in turn: the pages that what comes next sees, as
//                      they lie in memory (KvGroupLayout), zeros behind the last token
//     state            of the recurrent layers, as it lies in memory (SequenceLayout)
//   checksum  u64, of all bytes before it
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "engine/session.h"

namespace sotto {

struct SessionHeader {
  char magic[8];               // "sottoKV" and a zero
  uint32_t version;            // of this layout
  uint32_t n_tokens;           //
  uint64_t fingerprint;        // of the model: see Model::fingerprint
  uint32_t n_logits;           // the vocabulary's size, or 0
  uint32_t uses_long_factors;  // 0 or 1: SequenceState::uses_long_factors()
  uint64_t n_bytes;            // of everything, checksum included
};

struct SectionHeader {
  enum Kind : uint32_t { kTokens = 1, kLogits, kKeysValues, kState };
  uint32_t kind;
  uint32_t first_position;  // of keys and values: where the first page begins; else 0
  uint64_t n_bytes;
};

// Hands out the bytes of a session part by part, so that they are never held twice in this memory.
class SessionWriter {
 public:
  // The session may go on meanwhile. kOutOfMemory.
  static Result<std::unique_ptr<SessionWriter>> create(const Session& session);

  size_t n_bytes() const { return header_.n_bytes; }
  // The next part, valid until the next call; empty at the end.
  std::span<const uint8_t> next();

 private:
  explicit SessionWriter(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  std::unique_ptr<Session> session_;
  SessionHeader header_ = {};
  std::vector<SectionHeader> sections_;
  std::vector<std::span<uint8_t>> parts_;  // of everything but the checksum
  size_t n_parts_out_ = 0;
  Hash hash_;
  uint64_t checksum_ = 0;
};

// Takes the bytes of a session part by part.
class SessionReader {
 public:
  // `header`: the first bytes of n_bytes. kBadSession for what is no session of this model, of this
  // version or of this length; kOutOfMemory.
  static Result<std::unique_ptr<SessionReader>> create(const Model& model,
                                                       const SessionHeader& header, size_t n_bytes);

  // Where the next bytes behind the header go; empty when all are there.
  std::span<uint8_t> next();

  // The session, once; kBadSession when the bytes are damaged.
  Result<std::unique_ptr<Session>> finish();

 private:
  explicit SessionReader(const Model& model) : session_(new Session(model)) {}

  std::unique_ptr<Session> session_;
  SessionHeader header_ = {};
  std::vector<SectionHeader> sections_;
  std::vector<std::span<uint8_t>> parts_;  // of everything but the checksum
  size_t n_parts_in_ = 1;                  // the header comes at creation
  uint64_t checksum_ = 0;
};

}  // namespace sotto
