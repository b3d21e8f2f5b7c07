#include "engine/session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"

namespace sotto {
namespace {

static_assert(kRewindMargin >= kMostBatchRows);

std::string sizes(size_t context_length, size_t length, size_t n_tokens) {
  return "the context holds " + std::to_string(context_length) + " tokens; " +
         std::to_string(length) + " are in it and " + std::to_string(n_tokens) +
         " more were given.";
}

size_t largest_head_dim(const SequenceLayout& layout) {
  size_t head_dim = 0;
  for (const KvGroupLayout& group : layout.groups()) head_dim = std::max(head_dim, group.head_dim);
  return head_dim;
}

Status resize(Buffer<float>* buffer, size_t size, const char* what) {
  auto created = Buffer<float>::create(size, what);
  if (!created.is_ok()) return created.error();
  *buffer = std::move(created.value());
  return {};
}

// Reads the tokens behind those that the state has, up to the last.
Status read(const Model& model, std::span<const int32_t> tokens, SequenceState* state) {
  std::vector<BatchRow> batch;
  batch.reserve(kMostBatchRows);
  while (state->length() < tokens.size()) {
    const size_t n = std::min(kMostBatchRows, tokens.size() - state->length());
    SOTTO_RETURN_IF_ERROR(state->reserve(n));
    batch.clear();
    for (size_t i = 0; i < n; ++i) {
      const size_t position = state->length() + i;
      batch.push_back({tokens[position], position, state, false});
    }
    SOTTO_RETURN_IF_ERROR(
        forward(model.config(), model.weights(), batch, model.workspace(), nullptr));
    state->advance(n, /*is_reading=*/true);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Session>> Session::create(const Model& model) {
  SOTTO_CHECK(model.is_loaded());
  return std::unique_ptr<Session>(new Session(model));
}

std::unique_ptr<Session> Session::fork() const {
  std::unique_ptr<Session> session(new Session(model_));
  session->state_.share(state_);
  session->tokens_ = tokens_;
  session->logits_ = logits_;
  return session;
}

Status Session::check(std::span<const SessionInput> inputs) {
  size_t n_rows = 0;
  for (const SessionInput& input : inputs) {
    const Session& session = *input.session;
    const DecoderConfig& config = session.model_.config();
    SOTTO_CHECK(&session.model_ == &inputs[0].session->model_ && !input.tokens.empty());
    n_rows += input.tokens.size();
    for (const int32_t token : input.tokens) {
      if (token >= 0 && token < config.vocab_size) continue;
      return Error{ErrorCode::kBadToken, "token " + std::to_string(token) +
                                             " is outside the vocabulary of " +
                                             std::to_string(config.vocab_size) + " tokens."};
    }
    const size_t room = config.context_length - session.length();
    if (input.tokens.size() > room) {
      return Error{ErrorCode::kContextFull,
                   sizes(config.context_length, session.length(), input.tokens.size())};
    }
  }
  SOTTO_CHECK(n_rows > 0 && n_rows <= kMostBatchRows);
  return {};
}

Result<std::shared_ptr<Buffer<float>>> Session::logits_for(std::span<const SessionInput> inputs,
                                                           size_t n_floats) {
  // The buffer of the last pass, when nobody else holds it and it has about the right size.
  const auto& last = inputs[0].session->logits_.buffer;
  const auto n_holders = std::count_if(inputs.begin(), inputs.end(), [&](const auto& input) {
    return input.session->logits_.buffer == last;
  });
  const bool is_ours = last != nullptr && last.use_count() == n_holders;
  if (is_ours && n_floats <= last->size() && last->size() <= 32 * n_floats) return last;
  auto buffer = std::make_shared<Buffer<float>>();
  SOTTO_RETURN_IF_ERROR(resize(buffer.get(), n_floats, "logits"));
  return buffer;
}

Status Session::reserve(const SessionInput& input) {
  const size_t n_tokens = input.tokens.size();
  const bool needs_long_factors =
      model_.layout().needs_long_factors(length() + n_tokens + input.n_to_come);
  if (needs_long_factors != state_.uses_long_factors()) {
    if (length() > 0) {
      reread_.emplace(model_.layout());
      reread_->set_long_factors(needs_long_factors);
      SOTTO_RETURN_IF_ERROR(read(model_, tokens_, &*reread_));
    } else {
      state_.set_long_factors(needs_long_factors);
    }
  }
  SOTTO_RETURN_IF_ERROR(reserve_taps(n_tokens));
  return next_state().reserve(n_tokens);
}

Status Session::reserve_taps(size_t n_tokens) {
  const DecoderConfig& config = model_.config();
  if (taps_.hidden) {
    const size_t size = (config.n_layers() + 1) * n_tokens * config.hidden_size;
    SOTTO_RETURN_IF_ERROR(resize(&next_tapped_.hidden, size, "the tap 'hidden'"));
  }
  if (taps_.attention) {
    const size_t size = heads_before(config, config.n_layers()) * n_tokens * (length() + n_tokens);
    SOTTO_RETURN_IF_ERROR(resize(&next_tapped_.attention, size, "the tap 'attention'"));
    const size_t scratch = 2 * (length() + n_tokens) * largest_head_dim(model_.layout());
    SOTTO_RETURN_IF_ERROR(resize(&next_tapped_.scratch, scratch, "the tap 'attention'"));
  }
  return {};
}

Status Session::append(std::span<const SessionInput> inputs) {
  SOTTO_RETURN_IF_ERROR(check(inputs));
  const Model& model = inputs[0].session->model_;
  const size_t vocab_size = model.config().vocab_size;
  const auto n_floats = [&](const SessionInput& input) {
    return (input.wants_all_logits ? input.tokens.size() : 1) * vocab_size;
  };
  size_t n_all_floats = 0;
  for (const SessionInput& input : inputs) n_all_floats += n_floats(input);
  auto logits = logits_for(inputs, n_all_floats);
  if (!logits.is_ok()) return logits.error();
  for (const SessionInput& input : inputs) {
    const Status status = input.session->reserve(input);
    if (status.is_ok()) continue;
    for (const SessionInput& reserved : inputs) reserved.session->give_up();
    return status;
  }

  std::vector<BatchRow> batch;
  std::vector<Tap> taps;
  batch.reserve(kMostBatchRows);
  for (const auto& [session, tokens, wants_all_logits, n_to_come] : inputs) {
    if (session->taps_.hidden || session->taps_.attention) {
      taps.push_back({.row_begin = batch.size(),
                      .n_rows = tokens.size(),
                      .n_positions = session->length() + tokens.size(),
                      .hidden = session->next_tapped_.hidden.data(),
                      .attention = session->next_tapped_.attention.data(),
                      .scratch = session->next_tapped_.scratch.data()});
    }
    for (size_t i = 0; i < tokens.size(); ++i) {
      const bool wants_logits = wants_all_logits || i + 1 == tokens.size();
      batch.push_back({tokens[i], session->length() + i, &session->next_state(), wants_logits});
    }
  }
  Status ran = forward(model.config(), model.weights(), batch, model.workspace(),
                       logits.value()->data(), taps);
  if (!ran.is_ok()) {
    for (const SessionInput& reserved : inputs) reserved.session->give_up();
    return ran;
  }
  size_t begin = 0;
  for (const SessionInput& input : inputs) {
    Session& session = *input.session;
    if (session.reread_) session.state_ = std::move(*session.reread_);
    session.reread_.reset();
    // Drafts want the logits of all their tokens.
    const bool is_reading = input.tokens.size() >= kPagePositions ||
                            (input.tokens.size() > 1 && !input.wants_all_logits);
    session.state_.advance(input.tokens.size(), is_reading);
    session.tapped_ = std::move(session.next_tapped_);
    session.next_tapped_ = {};
    session.tokens_.insert(session.tokens_.end(), input.tokens.begin(), input.tokens.end());
    session.logits_ = {logits.value(), begin, n_floats(input)};
    begin += n_floats(input);
  }
  return {};
}

void Session::give_up() {
  state_.cancel();
  reread_.reset();
  next_tapped_ = {};
}

std::span<const float> Session::last_logits() const {
  const size_t vocab_size = model_.config().vocab_size;
  return logits().last(std::min(vocab_size, logits_.size));
}

void Session::keep_last_logits() {
  if (logits_.size == 0) return;
  // Those of a long text's beginning, when the rest of it never came, belong to no text.
  if (state_.uses_long_factors() != model_.layout().needs_long_factors(length())) {
    return release_logits();
  }
  const auto last = last_logits();
  auto kept = std::make_shared<Buffer<float>>();
  if (resize(kept.get(), last.size(), "logits").is_ok()) {
    std::copy(last.begin(), last.end(), kept->data());
    logits_ = {std::move(kept), 0, last.size()};
  } else {
    release_logits();
  }
}

Status Session::check_length(size_t length) const {
  if (length <= tokens_.size()) return {};
  return Error{ErrorCode::kBadOption, "a session of " + std::to_string(tokens_.size()) +
                                          " tokens cannot be cut to " + std::to_string(length) +
                                          "."};
}

Result<size_t> Session::rewind(size_t length) {
  SOTTO_RETURN_IF_ERROR(check_length(length));
  if (length == tokens_.size()) return length;
  logits_ = {};
  const size_t reached = state_.rewind(length);
  tokens_.resize(reached);
  return reached;
}

Status Session::truncate(size_t length) {
  SOTTO_RETURN_IF_ERROR(check_length(length));
  if (length == tokens_.size()) return {};
  SequenceState next(model_.layout());
  next.share(state_);
  if (next.rewind(length) == 0) next.set_long_factors(model_.layout().needs_long_factors(length));
  SOTTO_RETURN_IF_ERROR(read(model_, tokens().first(length), &next));
  state_ = std::move(next);
  tokens_.resize(length);
  logits_ = {};
  return {};
}

void Session::set_taps(const TapOptions& options) {
  taps_ = options;
  tapped_ = {};
}

}  // namespace sotto
