// The two calls that a step of generation takes, however many sequences go on in it.
#pragma once

#include <cstdint>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "bindings/sampler_handle.h"
#include "bindings/session_handle.h"

namespace sotto {

// What crosses are numbers, in a list that JavaScript writes and reads in place. A call returns 0
// when all went well; what went wrong otherwise, take_status() tells.
class BatchBinding {
 public:
  BatchBinding() { inputs_.reserve(kMostBatchRows); }

  TypedArray<int32_t> numbers() { return view<int32_t>(numbers_); }

  // Runs tokens of sessions through their model, in one pass; see Session::append. numbers():
  //   [session, number of tokens, wants all logits, number of tokens to come] for each input,
  //   then the tokens of all.
  int32_t pass(uint32_t n_inputs) {
    SOTTO_CHECK(n_inputs <= kMostBatchRows);
    inputs_.clear();
    const int32_t* tokens = numbers_ + kInputNumbers * n_inputs;
    for (size_t i = 0; i < n_inputs; ++i) {
      const int32_t* input = numbers_ + kInputNumbers * i;
      const auto n_tokens = static_cast<size_t>(input[1]);
      SOTTO_CHECK(n_tokens <= static_cast<size_t>(std::end(numbers_) - tokens));
      inputs_.push_back({.session = &object_of<SessionBinding>(input[0]).session(),
                         .tokens = {tokens, n_tokens},
                         .wants_all_logits = input[2] != 0,
                         .n_to_come = static_cast<size_t>(input[3])});
      tokens += n_tokens;
    }
    status_ = with_headroom(headroom(), "a pass", [&] { return Session::append(inputs_); });
    return status_.code.empty() ? 0 : 1;
  }

  // Chooses the next token of sequences. numbers(): [sampler, session, row of its logits] for each
  // choice; the tokens take the place of the first ones. On an error the number of the choice that
  // failed, from 1; those before it are made.
  int32_t sample(uint32_t n_choices) {
    SOTTO_CHECK(n_choices <= kMostBatchRows);
    for (size_t i = 0; i < n_choices; ++i) {
      const int32_t* choice = numbers_ + kChoiceNumbers * i;
      const auto logits = object_of<SessionBinding>(choice[1]).logits_row(choice[2]);
      auto token = object_of<SamplerBinding>(choice[0]).sampler().sample(logits);
      if (!token.is_ok()) {
        status_ = to_value(token.error());
        return static_cast<int32_t>(i) + 1;
      }
      numbers_[i] = token.value();
    }
    return 0;
  }

  // Once.
  StatusValue take_status() { return std::exchange(status_, {}); }

 private:
  static constexpr size_t kInputNumbers = 4;
  static constexpr size_t kChoiceNumbers = 3;

  // What lists of tokens and pages, and the units of attention, may grow by.
  size_t headroom() const {
    constexpr size_t kUnitBytes = 32;
    size_t n_bytes = 0;
    for (const SessionInput& input : inputs_) {
      const Model& model = input.session->model();
      const size_t n_tokens = input.tokens.size();
      n_bytes += model.layout().list_bytes(input.session->length() + n_tokens) +
                 kUnitBytes * model.config().most_heads() * n_tokens;
    }
    return n_bytes;
  }

  int32_t numbers_[(kInputNumbers + 1) * kMostBatchRows] = {};
  std::vector<SessionInput> inputs_;
  StatusValue status_;
};

}  // namespace sotto
