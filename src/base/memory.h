// The engine's memory. Large blocks (weights, KV pages, activations) may fail: a caller that gets
// nullptr reports kOutOfMemory and leaves everything as it was. Containers and strings must not:
// what makes them grow by more than a little asks for headroom first. All of it is counted, and
// may be limited (base/heap.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/result.h"

namespace sotto {

constexpr size_t kAlignment = 64;  // bytes; a cache line, and more than any vector

// Aligned to kAlignment, contents undefined. nullptr when the heap or the limit does not allow it.
void* allocate(size_t bytes);
void release(void* block);  // nullptr is allowed

// kOutOfMemory, naming `what`, when containers could not grow by so many bytes in all, and by a few
// small things besides. Whoever may need them asks before it changes anything.
Status ensure_headroom(size_t bytes, const char* what);

// Bytes that may be in use at most from now on; 0 means no limit but the heap's. Blocks in use
// stay.
void set_memory_limit(size_t bytes);

struct MemoryStats {
  size_t in_use;  // bytes
  size_t peak;    // the most that was in use, or had to be free, at once: a limit that suffices
};
MemoryStats memory_stats();

Error out_of_memory(uint64_t bytes, const char* what);

// An owned array of `size` elements in the engine's memory, contents undefined at first.
template <typename T>
class Buffer {
 public:
  Buffer() = default;
  static Result<Buffer> create(uint64_t size, const char* what) {
    const bool fits = size <= std::numeric_limits<size_t>::max() / sizeof(T);
    Buffer buffer;
    if (fits) buffer.data_ = static_cast<T*>(allocate(size * sizeof(T)));
    if (buffer.data_ == nullptr) return out_of_memory(size * sizeof(T), what);
    buffer.size_ = size;
    return buffer;
  }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() { release(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T& operator[](size_t index) { return data_[index]; }
  const T& operator[](size_t index) const { return data_[index]; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace sotto
