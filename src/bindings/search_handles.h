// Beam search and contrastive search as JavaScript drives them: it runs the model, they decide.
#pragma once

#include <emscripten/val.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bindings/session_handles.h"
#include "sampling/beam_search.h"
#include "sampling/contrastive_search.h"
#include "sampling/log_softmax.h"
#include "sampling/sampling_chain.h"

namespace sotto {

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

  // The processed log-probabilities of the next running beam, by its session's last logits; they
  // may be changed before advance().
  StatusValue add_row(const SessionBinding& session) {
    const auto logits = session.session().last_logits();
    const size_t row = n_rows_++;
    rows_.resize(search_->n_running() * logits.size());
    row_ = {rows_.data() + row * logits.size(), logits.size()};
    if (const Status status = chain_.check_tokens(logits.size()); !status.is_ok()) {
      return to_value(status);
    }
    if (const Status status = log_softmax(logits, row_.data()); !status.is_ok()) {
      return to_value(status);
    }
    history_.resize(n_prompt_);
    const auto& tokens = search_->tokens(row);
    history_.insert(history_.end(), tokens.begin(), tokens.end());
    if (chain_.has_processors()) chain_.process({history_, n_prompt_}, row_);
    return {};
  }
  emscripten::val row() const { return view(row_.size(), row_.data()); }

  // The beams to run next, [parent, token] of each in turn.
  emscripten::val advance() {
    n_rows_ = 0;
    numbers_.clear();
    for (const auto& [parent, token] : search_->advance(rows_)) {
      numbers_.push_back(static_cast<int32_t>(parent));
      numbers_.push_back(token);
    }
    return view(numbers_.size(), numbers_.data());
  }
  bool is_done() const { return search_->is_done(); }

  // Of running beam `beam`, without the prompt.
  emscripten::val tokens(size_t beam) const {
    const auto& tokens = search_->tokens(beam);
    return view(tokens.size(), tokens.data());
  }

  // How many sequences there are, the best first.
  size_t finish() {
    sequences_ = search_->finish();
    return sequences_.size();
  }
  emscripten::val sequence(size_t index) const {
    const auto& tokens = sequences_[index].tokens;
    return view(tokens.size(), tokens.data());
  }
  float score(size_t index) const { return sequences_[index].score; }

 private:
  SamplingChain chain_;
  std::vector<int32_t> history_;
  size_t n_prompt_;
  std::unique_ptr<BeamSearch> search_;
  std::vector<float> rows_;  // [n_running, vocab]
  std::span<float> row_;     // the last one added
  size_t n_rows_ = 0;
  std::vector<int32_t> numbers_;
  std::vector<BeamSearch::Sequence> sequences_;
};

class ContrastiveSearchBinding {
 public:
  ContrastiveSearchBinding(double penalty_alpha, size_t top_k, size_t hidden_size,
                           const SamplerValue& sampler)
      : sampler_(to_options(sampler)), search_(penalty_alpha, top_k, hidden_size) {}

  void begin(const emscripten::val& prompt) { sampler_.begin(to_token_ids(prompt)); }

  // The tokens of the session's last append, by its tap 'hidden'.
  StatusValue add_context(const SessionBinding& session) {
    return to_value(search_.add_context(last_states(session)));
  }

  // The session's last logits, processed; they may be changed before candidates().
  StatusValue process(const SessionBinding& session) {
    auto processed = sampler_.process(session.session().last_logits());
    if (!processed.is_ok()) return to_value(processed.error());
    row_ = processed.value();
    return {};
  }
  emscripten::val row() const { return view(row_.size(), row_.data()); }

  // Finds the candidates; ids() are them, the likeliest first.
  StatusValue find_candidates() {
    states_.clear();
    auto found = search_.candidates(row_);
    if (!found.is_ok()) return to_value(found.error());
    ids_.assign(found.value().begin(), found.value().end());
    return {};
  }
  emscripten::val ids() const { return view(ids_.size(), ids_.data()); }

  // The session in which the next candidate is the last token.
  void add_candidate(const SessionBinding& session) {
    const auto state = last_states(session);
    states_.insert(states_.end(), state.begin(), state.end());
  }
  // The number of the candidate that is next, which joins the text; see chosen().
  StatusValue choose() {
    auto index = search_.choose(states_);
    if (!index.is_ok()) return to_value(index.error());
    chosen_ = index.value();
    sampler_.accept(ids_[chosen_]);
    return {};
  }
  size_t chosen() const { return chosen_; }

 private:
  // [n_tokens, hidden]: the last of the states of the tap.
  std::span<const float> last_states(const SessionBinding& session) const {
    const auto all = session.session().hidden_tap();
    return all.last(all.size() / (session.n_layers() + 1));
  }

  Sampler sampler_;
  ContrastiveSearch search_;
  std::span<float> row_;
  std::vector<int32_t> ids_;
  std::vector<float> states_;  // [n candidates, hidden]
  size_t chosen_ = 0;
};

}  // namespace sotto
