// One sequence of tokens with its keys and values: what a generation runs on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/memory.h"
#include "base/result.h"
#include "engine/model.h"
#include "model/kv_cache.h"

namespace sotto {

class Session {
 public:
  // `model` is loaded and outlives the session.
  static Result<std::unique_ptr<Session>> create(const Model& model);

  // A second session with the same tokens, which shares this one's pages until either writes to
  // them. It has no logits until its next append.
  Result<std::unique_ptr<Session>> fork() const;

  // Runs `tokens` (1 to kMostBatchRows of them) through the model behind those already here: a
  // prefill chunk, or one step. On an error nothing has changed: kBadToken, kContextFull,
  // kOutOfMemory.
  Status append(std::span<const int32_t> tokens, bool wants_all_logits);

  // Of the last append: [n_tokens, vocab] when it asked for all, else [1, vocab] for its last
  // token. Valid until the next append.
  std::span<const float> logits() const { return {logits_.data(), n_logits_}; }

  // [vocab]: what follows the last token; empty when there are no logits.
  std::span<const float> last_logits() const;

  size_t length() const { return cache_.length(); }

  // Forgets the tokens from `length` on; kBadOption when it is more than length(). Logits of
  // forgotten tokens go too.
  Status truncate(size_t length);

 private:
  explicit Session(const Model& model);

  const Model& model_;
  KvCache cache_;
  std::vector<BatchRow> batch_;
  Buffer<float> logits_;
  size_t n_logits_ = 0;  // floats of logits_ that the last append wrote
};

}  // namespace sotto
