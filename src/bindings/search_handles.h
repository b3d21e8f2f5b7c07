// Beam search and contrastive search as JavaScript drives them: it runs the model, they decide.
// Whatever comes out of order, or of sessions that do not fit, is refused with a Status.
#pragma once

#include <emscripten/val.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/session_handles.h"
#include "sampling/beam_search.h"
#include "sampling/choosable.h"
#include "sampling/contrastive_search.h"
#include "sampling/log_softmax.h"
#include "sampling/sampling_chain.h"

namespace sotto {

inline Error out_of_order(const std::string& problem) { return {ErrorCode::kBadOption, problem}; }

inline Error no_logits() {
  return {ErrorCode::kNoLogits,
          "the session has no logits to choose by: append a token to it first."};
}

// Validated: see BeamOptions.
struct BeamValue {
  size_t n_beams;
  size_t n_return;
  double length_penalty;
  std::string early_stopping;  // true, false or never
  size_t max_new_tokens;
};

class BeamSearchBinding {
 public:
  BeamSearchBinding(const BeamValue& value, const SamplerValue& sampler,
                    const emscripten::val& prompt)
      : chain_(to_options(sampler)), history_(to_token_ids(prompt)), n_prompt_(history_.size()) {
    const auto early = value.early_stopping == "true"    ? EarlyStopping::kAlways
                       : value.early_stopping == "false" ? EarlyStopping::kHeuristic
                                                         : EarlyStopping::kNever;
    search_ = std::make_unique<BeamSearch>(BeamOptions{.n_beams = value.n_beams,
                                                       .n_return = value.n_return,
                                                       .length_penalty = value.length_penalty,
                                                       .early_stopping = early,
                                                       .max_new_tokens = value.max_new_tokens,
                                                       .end_tokens = chain_.options().end_tokens});
  }

  size_t n_running() const { return search_->n_running(); }

  // The processed log-probabilities of running beam `beam`, by its session's last logits; they may
  // be changed before advance(). Beams come in order; the first one begins the step, anew where it
  // had begun.
  StatusValue add_row(const SessionBinding& session, size_t beam) {
    return to_value(read_row(session.session().last_logits(), beam));
  }
  emscripten::val row() const { return view(row_.size(), row_.data()); }

  // One step by the rows of all running beams; moves() are the beams to run next.
  StatusValue advance() {
    if (const Status status = check_rows(); !status.is_ok()) return to_value(status);
    const Status room = ensure_headroom(search_->step_bytes(row_.size()), "the beams");
    if (!room.is_ok()) return to_value(room);
    const auto moves = search_->advance({rows_.data(), n_rows_ * row_.size()});
    row_ = {};
    n_rows_ = 0;
    if (moves.empty() && !search_->is_done()) {
      return to_value(left_by_processors_ || !taken_ ? nothing_left(kLogitsProcessor) : *taken_);
    }
    numbers_.clear();
    for (const auto& [parent, token] : moves) {
      numbers_.push_back(static_cast<int32_t>(parent));
      numbers_.push_back(token);
    }
    return {};
  }
  // [parent, token] of each in turn.
  emscripten::val moves() const { return view(numbers_.size(), numbers_.data()); }
  bool is_done() const { return search_->is_done(); }

  // Of running beam `beam`, without the prompt.
  emscripten::val tokens(size_t beam) const {
    SOTTO_CHECK(beam < n_running());
    const auto& tokens = search_->tokens(beam);
    return view(tokens.size(), tokens.data());
  }

  // How many sequences there are, the best first.
  size_t finish() const { return search_->finish().size(); }
  emscripten::val sequence(size_t index) const {
    const auto& tokens = search_->finish()[index].tokens;
    return view(tokens.size(), tokens.data());
  }
  float score(size_t index) const { return search_->finish()[index].score; }

 private:
  Status read_row(std::span<const float> logits, size_t beam) {
    if (search_->is_done())
      return out_of_order("the search is done: finish() gives what it found.");
    if (logits.empty()) return no_logits();
    if (beam >= n_running()) return wrong_count(beam + 1);
    if (beam == 0) {
      SOTTO_RETURN_IF_ERROR(begin_step(logits.size()));
    } else if (beam != n_rows_ || logits.size() != row_.size()) {
      return out_of_order(
          "advance() takes the sessions of one model, of one beam after the other.");
    }
    const size_t n_tokens = n_prompt_ + search_->tokens(beam).size();
    SOTTO_RETURN_IF_ERROR(ensure_headroom(
        growth_bytes(history_, n_tokens) + chain_.missing_bytes(logits.size()), "a beam"));
    SOTTO_RETURN_IF_ERROR(chain_.check_tokens(logits.size()));
    row_ = {rows_.data() + beam * logits.size(), logits.size()};
    SOTTO_RETURN_IF_ERROR(log_softmax(logits, row_.data()));
    SOTTO_RETURN_IF_ERROR(process(logits, beam));
    n_rows_ = beam + 1;
    return {};
  }

  Status begin_step(size_t vocab_size) {
    row_ = {};
    n_rows_ = 0;
    left_by_processors_ = false;
    taken_.reset();
    for (const int32_t token : std::span(history_).first(n_prompt_)) {
      if (static_cast<uint32_t>(token) < vocab_size) continue;
      return Error{ErrorCode::kBadToken,
                   "the prompt has the token " + std::to_string(token) +
                       "; token ids of this model are whole numbers from 0 to " +
                       std::to_string(vocab_size - 1) + "."};
    }
    const size_t size = n_running() * vocab_size;
    if (size <= rows_.size()) return {};
    rows_ = {};
    auto rows = Buffer<float>::create(size, "the beams' log-probabilities");
    if (!rows.is_ok()) return rows.error();
    rows_ = std::move(rows.value());
    return {};
  }

  // One beam that cannot go on is no error where others can: what took the last of its tokens is
  // kept for the case that none can.
  Status process(std::span<const float> logits, size_t beam) {
    const auto& tokens = search_->tokens(beam);
    history_.resize(n_prompt_);
    history_.insert(history_.end(), tokens.begin(), tokens.end());
    const TokenHistory history = {history_, n_prompt_};
    if (chain_.has_processors()) chain_.process(history, row_);
    if (largest_left(row_, "").is_ok()) {
      left_by_processors_ = true;
      return {};
    }
    SOTTO_RETURN_IF_ERROR(log_softmax(logits, row_.data()));
    const std::string who = chain_.takers(history, row_);
    const Error error = largest_left(row_, who).error();
    if (!all_ruled_out(row_)) return error;
    taken_ = error;
    return {};
  }

  // Whether a caller's changes leave numbers, for every running beam.
  Status check_rows() const {
    if (search_->is_done())
      return out_of_order("the search is done: finish() gives what it found.");
    if (n_rows_ != n_running()) return wrong_count(n_rows_);
    for (size_t beam = 0; beam < n_rows_; ++beam) {
      const std::span<const float> row = {rows_.data() + beam * row_.size(), row_.size()};
      auto largest = largest_left(row, kLogitsProcessor);
      if (!largest.is_ok() && !all_ruled_out(row)) return largest.error();
    }
    return {};
  }

  Error wrong_count(size_t n_given) const {
    return out_of_order("advance() takes one session for each of the " +
                        std::to_string(n_running()) + " running beams, not " +
                        std::to_string(n_given) + ".");
  }

  SamplingChain chain_;
  std::vector<int32_t> history_;
  size_t n_prompt_;
  std::unique_ptr<BeamSearch> search_;
  Buffer<float> rows_;    // [n_running, vocab]
  std::span<float> row_;  // the last one added
  size_t n_rows_ = 0;
  bool left_by_processors_ = false;  // something to choose, in any row of the step
  std::optional<Error> taken_;       // why a row has nothing
  std::vector<int32_t> numbers_;
};

class ContrastiveSearchBinding {
 public:
  ContrastiveSearchBinding(double penalty_alpha, size_t top_k, size_t hidden_size,
                           const SamplerValue& sampler)
      : sampler_(to_options(sampler)),
        search_(penalty_alpha, top_k, hidden_size),
        hidden_size_(hidden_size) {}

  void begin(const emscripten::val& prompt) {
    sampler_.begin(to_token_ids(prompt));
    has_begun_ = true;
    forget_step();
  }

  // The tokens of the session's last append, by its tap 'hidden'.
  StatusValue add_context(const SessionBinding& session) {
    auto states = last_states(session);
    return to_value(states.is_ok() ? search_.add_context(states.value()) : states.error());
  }

  // The session's last logits, processed; they may be changed before find_candidates().
  StatusValue process(const SessionBinding& session) {
    forget_step();
    if (!has_begun_) {
      return to_value(out_of_order("begin() with the text so far comes before the candidates."));
    }
    const auto logits = session.session().last_logits();
    if (logits.empty()) return to_value(no_logits());
    auto processed = sampler_.process(logits);
    if (!processed.is_ok()) return to_value(processed.error());
    row_ = processed.value();
    return {};
  }
  emscripten::val row() const { return view(row_.size(), row_.data()); }

  // Finds the candidates; ids() are them, the likeliest first.
  StatusValue find_candidates() {
    const auto row = std::exchange(row_, {});
    if (const Status status = sampler_.check_processed(); !status.is_ok()) return to_value(status);
    auto found = search_.candidates(row);
    if (!found.is_ok()) return to_value(found.error());
    auto states =
        Buffer<float>::create(uint64_t{found.value().size()} * hidden_size_, "the candidates");
    if (!states.is_ok()) return to_value(states.error());
    states_ = std::move(states.value());
    ids_.assign(found.value().begin(), found.value().end());
    return {};
  }
  emscripten::val ids() const { return view(ids_.size(), ids_.data()); }

  // The session in which candidate `index` is the last token. Candidates come in order.
  StatusValue add_candidate(const SessionBinding& session, size_t index) {
    return to_value(read_candidate(session, index));
  }
  // The number of the candidate that is next, which joins the text; see chosen().
  StatusValue choose() {
    if (ids_.empty() || n_candidates_ != ids_.size()) return to_value(wrong_count(n_candidates_));
    auto index = search_.choose({states_.data(), states_.size()});
    if (!index.is_ok()) return to_value(index.error());
    chosen_ = index.value();
    sampler_.accept(ids_[chosen_]);
    forget_step();
    return {};
  }
  size_t chosen() const { return chosen_; }

 private:
  // [n_tokens, hidden]: the last of the states of the tap.
  Result<std::span<const float>> last_states(const SessionBinding& session) const {
    const auto hidden_size = static_cast<size_t>(session.session().model().config().hidden_size);
    if (hidden_size != hidden_size_) {
      return out_of_order("the session's model has a hidden size of " +
                          std::to_string(hidden_size) + "; the search was made for one of " +
                          std::to_string(hidden_size_) + ".");
    }
    const auto all = session.session().hidden_tap();
    if (all.empty()) {
      return out_of_order(
          "the session's tap 'hidden' has kept nothing: call tap(['hidden']) before its append.");
    }
    return all.last(all.size() / (session.n_layers() + 1));
  }

  Status read_candidate(const SessionBinding& session, size_t index) {
    if (index == 0) n_candidates_ = 0;
    if (index != n_candidates_ || index >= ids_.size()) return wrong_count(index + 1);
    const auto tokens = session.session().tokens();
    if (tokens.empty() || tokens.back() != ids_[index]) {
      return out_of_order("candidate " + std::to_string(index) + " is token " +
                          std::to_string(ids_[index]) + "; its session must end with it.");
    }
    auto states = last_states(session);
    if (!states.is_ok()) return states.error();
    const auto last = states.value().last(hidden_size_);
    std::copy(last.begin(), last.end(), states_.data() + index * hidden_size_);
    ++n_candidates_;
    return {};
  }

  Error wrong_count(size_t n_given) const {
    if (ids_.empty()) return out_of_order("candidates() comes before choose().");
    return out_of_order("choose() takes one session for each of the " +
                        std::to_string(ids_.size()) + " candidates, not " +
                        std::to_string(n_given) + ".");
  }

  void forget_step() {
    row_ = {};
    ids_.clear();
    states_ = {};
    n_candidates_ = 0;
  }

  Sampler sampler_;
  ContrastiveSearch search_;
  size_t hidden_size_;
  bool has_begun_ = false;
  std::span<float> row_;
  std::vector<int32_t> ids_;
  Buffer<float> states_;     // [n candidates, hidden]
  size_t n_candidates_ = 0;  // whose states are there
  size_t chosen_ = 0;
};

}  // namespace sotto
