// The generator behind sampled tokens: PCG XSH RR 64/32 (O'Neill, 2014, HMC-CS-2014-0905). Integers
// only, hence the same numbers everywhere.
#pragma once

#include <cstdint>

namespace sotto {

class Random {
 public:
  explicit Random(uint64_t seed) {
    next();
    state_ += seed;
    next();
  }

  // Uniform in [0, 1), in steps of 2^-53.
  double uniform() {
    const uint64_t high = next() >> 5;
    const uint64_t low = next() >> 6;
    return static_cast<double>(high << 26 | low) * 0x1p-53;
  }

 private:
  uint32_t next() {
    const uint64_t old = state_;
    state_ = old * 6364136223846793005U + 1442695040888963407U;
    const auto shifted = static_cast<uint32_t>(((old >> 18) ^ old) >> 27);
    const auto rotation = static_cast<uint32_t>(old >> 59);
    return shifted >> rotation | shifted << (-rotation & 31U);
  }

  uint64_t state_ = 0;
};

}  // namespace sotto
