#include "engine/session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"

namespace sotto {

Session::Session(const Model& model) : model_(model), cache_(model.config(), model.kv_type()) {
  batch_.reserve(kMostBatchRows);
}

Result<std::unique_ptr<Session>> Session::create(const Model& model) {
  SOTTO_CHECK(model.is_loaded());
  std::unique_ptr<Session> session(new Session(model));
  auto logits = Buffer<float>::create(model.config().vocab_size, "logits");
  if (!logits.is_ok()) return logits.error();
  session->logits_ = std::move(logits.value());
  return session;
}

Result<std::unique_ptr<Session>> Session::fork() const {
  auto session = create(model_);
  if (session.is_ok()) session.value()->cache_.share(cache_);
  return session;
}

Status Session::append(std::span<const int32_t> tokens, bool wants_all_logits) {
  SOTTO_CHECK(!tokens.empty() && tokens.size() <= kMostBatchRows);
  const DecoderConfig& config = model_.config();
  for (const int32_t token : tokens) {
    if (token >= 0 && token < config.vocab_size) continue;
    return Error{ErrorCode::kBadToken, "token " + std::to_string(token) +
                                           " is outside the vocabulary of " +
                                           std::to_string(config.vocab_size) + " tokens."};
  }
  const size_t begin = cache_.length();
  if (begin + tokens.size() > static_cast<size_t>(config.context_length)) {
    return Error{ErrorCode::kContextFull, "the context holds " +
                                              std::to_string(config.context_length) + " tokens; " +
                                              std::to_string(begin) + " are in it and " +
                                              std::to_string(tokens.size()) + " more were given."};
  }
  const size_t n_logits = (wants_all_logits ? tokens.size() : 1) * config.vocab_size;
  if (n_logits > logits_.size()) {
    auto logits = Buffer<float>::create(n_logits, "logits");
    if (!logits.is_ok()) return logits.error();
    logits_ = std::move(logits.value());
  }
  SOTTO_RETURN_IF_ERROR(cache_.reserve(tokens.size()));

  batch_.clear();
  for (size_t i = 0; i < tokens.size(); ++i) {
    const bool wants_logits = wants_all_logits || i + 1 == tokens.size();
    batch_.push_back({tokens[i], begin + i, &cache_, wants_logits});
  }
  forward(config, model_.weights(), batch_, model_.workspace(), logits_.data());
  cache_.advance(tokens.size());
  n_logits_ = n_logits;
  return {};
}

std::span<const float> Session::last_logits() const {
  const size_t vocab_size = model_.config().vocab_size;
  return logits().last(std::min(vocab_size, n_logits_));
}

Status Session::truncate(size_t length) {
  if (length > cache_.length()) {
    return Error{ErrorCode::kBadOption, "a session of " + std::to_string(cache_.length()) +
                                            " tokens cannot be truncated to " +
                                            std::to_string(length) + "."};
  }
  if (length < cache_.length()) n_logits_ = 0;
  cache_.truncate(length);
  return {};
}

}  // namespace sotto
