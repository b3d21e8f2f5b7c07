// A 64-bit hash that notices damage: each step is a bijection of the state for a given word and of
// the word for a given state, so one changed word always changes the result. No protection against
// who changes bytes on purpose.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sotto {

class Hash {
 public:
  // The last word of each call is filled up with zeros.
  void add(const void* data, size_t bytes) {
    const auto* next = static_cast<const uint8_t*>(data);
    for (size_t left = bytes; left > 0;) {
      const size_t n = std::min(left, sizeof(uint64_t));
      uint64_t word = 0;
      std::memcpy(&word, next, n);
      state_ = std::rotl(state_ ^ word, 29) * 0x9E3779B97F4A7C15U;
      next += n;
      left -= n;
    }
  }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0x736f74746fU;
};

}  // namespace sotto
