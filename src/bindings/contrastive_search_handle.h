// Contrastive search as JavaScript drives it: it runs the model, the search decides. Whatever comes
// out of order, or of sessions that do not fit, is refused with a Status.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/search_errors.h"
#include "bindings/session_handle.h"
#include "sampling/choosable.h"
#include "sampling/contrastive_search.h"
#include "sampling/sampler.h"

namespace sotto {

class ContrastiveSearchBinding {
 public:
  ContrastiveSearchBinding(double penalty_alpha, uint32_t top_k, uint32_t hidden_size,
                           const SamplerValue& sampler)
      : sampler_(to_options(sampler)),
        search_(penalty_alpha, top_k, hidden_size),
        hidden_size_(hidden_size) {}

  void begin(const TypedArray<int32_t>& prompt) {
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
  TypedArray<float> row() const { return view<float>(row_); }

  // See SamplerBinding.
  StatusValue begin_mask(uint32_t n_words) { return to_value(sampler_.mask().begin(n_words)); }
  TypedArray<uint32_t> mask_words() { return view<uint32_t>(sampler_.mask().words()); }

  // Finds the candidates; ids() are them, the likeliest first.
  StatusValue find_candidates() {
    const auto row = std::exchange(row_, {});
    const auto largest = sampler_.finish_processed();
    if (!largest.is_ok()) return to_value(largest.error());
    sampler_.mask().clear();
    auto found = search_.candidates(row);
    if (!found.is_ok()) return to_value(found.error());
    auto states =
        Buffer<float>::create(uint64_t{found.value().size()} * hidden_size_, "the candidates");
    if (!states.is_ok()) return to_value(states.error());
    states_ = std::move(states.value());
    ids_.assign(found.value().begin(), found.value().end());
    return {};
  }
  TypedArray<int32_t> ids() const { return view<int32_t>(ids_); }

  // The session in which candidate `index` is the last token. Candidates come in order.
  StatusValue add_candidate(const SessionBinding& session, uint32_t index) {
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
  uint32_t chosen() const { return chosen_; }

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
