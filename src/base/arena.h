// Hands out pieces of one block, for tensors that live and die together.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/memory.h"

namespace sotto {

// An Arena over no block only measures: the same layout function run twice, first to learn used(),
// then for real.
class Arena {
 public:
  Arena() = default;
  Arena(void* block, size_t bytes) : block_(static_cast<uint8_t*>(block)), bytes_(bytes) {}

  // `count` elements aligned to kAlignment; nullptr while measuring.
  template <typename T>
  T* take(uint64_t count) {
    const uint64_t offset = used_;
    used_ += (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    if (block_ == nullptr) return nullptr;
    SOTTO_CHECK(used_ <= bytes_);
    return reinterpret_cast<T*>(block_ + offset);
  }
  uint64_t used() const { return used_; }

 private:
  uint8_t* block_ = nullptr;
  size_t bytes_ = 0;
  uint64_t used_ = 0;
};

}  // namespace sotto
