// Memory with several owners: a page of keys and values, a recurrent state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace sotto {

// One owner of a block of engine memory, which lives as long as one of them does. Copying makes
// another owner. Not for several threads at once.
class SharedBlock {
 public:
  SharedBlock() = default;  // of nothing
  // Zeros; of nothing when there is no memory. `n_alive` counts the blocks made with it that live.
  static SharedBlock create(size_t bytes, size_t* n_alive);
  SharedBlock(const SharedBlock& other);
  SharedBlock(SharedBlock&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  SharedBlock& operator=(SharedBlock other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~SharedBlock();

  uint8_t* data() const { return data_; }  // nullptr of nothing
  bool is_shared() const;                  // whether there is another owner

 private:
  uint8_t* data_ = nullptr;
};

}  // namespace sotto
