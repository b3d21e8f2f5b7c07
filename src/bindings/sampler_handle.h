#pragma once

#include <cstdint>

#include "bindings/session_handle.h"
#include "sampling/sampler.h"

namespace sotto {

// One sequence's sampler as JavaScript holds it.
class SamplerBinding {
 public:
  explicit SamplerBinding(const SamplerValue& value) : sampler_(to_options(value)) {}

  int32_t number() const { return number_of(this); }

  void begin(const TypedArray<int32_t>& prompt) { sampler_.begin(to_token_ids(prompt)); }
  void accept(int32_t token) { sampler_.accept(token); }
  uint32_t length() const { return sampler_.history().tokens.size(); }

  Sampler& sampler() { return sampler_; }

  // A mask for the next choice, whose words are to be written then.
  StatusValue begin_mask(uint32_t n_words) { return to_value(sampler_.mask().begin(n_words)); }
  TypedArray<uint32_t> mask_words() { return view<uint32_t>(sampler_.mask().words()); }

  // In two steps: the processed logits, which may be changed before choose(). Empty when it failed.
  TypedArray<float> process(const SessionBinding& session, uint32_t row) {
    auto processed = sampler_.process(session.logits_row(row));
    if (!processed.is_ok()) {
      status_ = to_value(processed.error());
      return view<float>({});
    }
    status_ = {};
    return view<float>(processed.value());
  }
  // -1 when there is none: status() tells why.
  int32_t choose() {
    auto token = sampler_.choose();
    status_ = token.is_ok() ? StatusValue{} : to_value(token.error());
    return token.is_ok() ? token.value() : -1;
  }
  // Of the last of these two calls.
  StatusValue status() const { return status_; }

 private:
  Sampler sampler_;
  StatusValue status_;
};

}  // namespace sotto
