// Beam search as JavaScript drives it: it runs the model, the search decides. Whatever comes out of
// order, or of sessions that do not fit, is refused with a Status.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings/search_errors.h"
#include "bindings/session_handle.h"
#include "sampling/beam_search.h"
#include "sampling/choosable.h"
#include "sampling/growth.h"
#include "sampling/log_probabilities.h"
#include "sampling/sampling_chain.h"
#include "sampling/token_mask.h"

namespace sotto {

// Validated: see BeamOptions.
struct BeamValue {
  uint32_t n_beams;
  uint32_t n_return;
  double length_penalty;
  std::string early_stopping;  // true, false or never
  uint32_t max_new_tokens;
};

class BeamSearchBinding {
 public:
  BeamSearchBinding(const BeamValue& value, const SamplerValue& sampler,
                    const TypedArray<int32_t>& prompt)
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

  uint32_t n_running() const { return search_->n_running(); }

  // The processed log-probabilities of running beam `beam`, by its session's last logits; they may
  // be changed before advance(). Beams come in order; the first one begins the step, anew where it
  // had begun.
  StatusValue add_row(const SessionBinding& session, uint32_t beam) {
    return to_value(read_row(session.session().last_logits(), beam));
  }
  TypedArray<float> row() const { return view<float>(row_); }

  // A mask for the row that was added last, whose words are to be written before it is applied,
  // which is the last that is done to a row.
  StatusValue begin_mask(uint32_t n_words) { return to_value(mask_.begin(n_words)); }
  TypedArray<uint32_t> mask_words() { return view<uint32_t>(mask_.words()); }
  StatusValue apply_mask() {
    if (const Status status = mask_.check(row_.size()); !status.is_ok()) return to_value(status);
    mask_.apply(row_);
    mask_.clear();
    changed_by_ = kForm;
    return {};
  }

  // One step by the rows of all running beams; moves() are the beams to run next.
  StatusValue advance() {
    if (const Status status = check_rows(); !status.is_ok()) return to_value(status);
    const Status room = ensure_headroom(search_->step_bytes(row_.size()), "the beams");
    if (!room.is_ok()) return to_value(room);
    const auto moves = search_->advance({rows_.data(), n_rows_ * row_.size()});
    row_ = {};
    n_rows_ = 0;
    if (moves.empty() && !search_->is_done()) {
      return to_value(left_by_processors_ || !taken_ ? nothing_left(changed_by_) : *taken_);
    }
    numbers_.clear();
    for (const auto& [parent, token] : moves) {
      numbers_.push_back(static_cast<int32_t>(parent));
      numbers_.push_back(token);
    }
    return {};
  }
  // [parent, token] of each in turn.
  TypedArray<int32_t> moves() const { return view<int32_t>(numbers_); }
  // The beam, as numbered before the step, that the best ended sequence comes from where that ended
  // in the last step; else -1.
  int32_t best_parent() const {
    const auto* best = search_->new_best();
    return best == nullptr ? -1 : static_cast<int32_t>(best->parent);
  }
  bool is_done() const { return search_->is_done(); }

  // Of running beam `beam`, without the prompt.
  TypedArray<int32_t> tokens(uint32_t beam) const {
    SOTTO_CHECK(beam < n_running());
    return view<int32_t>(search_->tokens(beam));
  }

  // How many sequences there are, the best first.
  uint32_t finish() const { return search_->finish().size(); }
  TypedArray<int32_t> sequence(uint32_t index) const {
    return view<int32_t>(search_->finish()[index].tokens);
  }
  float score(uint32_t index) const { return search_->finish()[index].score; }

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
    changed_by_ = kLogitsProcessor;
    taken_.reset();
    for (const int32_t token : std::span(history_).first(n_prompt_)) {
      if (static_cast<uint32_t>(token) < vocab_size) continue;
      return bad_token("the prompt has", token, vocab_size);
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
      auto largest = largest_left(row, changed_by_);
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
  TokenMask mask_;
  bool left_by_processors_ = false;  // something to choose, in any row of the step
  std::string_view changed_by_;      // what may have taken the rest
  std::optional<Error> taken_;       // why a row has nothing
  std::vector<int32_t> numbers_;
};

}  // namespace sotto
