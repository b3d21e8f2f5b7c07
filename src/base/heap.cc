#include "base/heap.h"

#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

// Emscripten's own functions behind malloc and its like, for those who replace them.
extern "C" {
void* emscripten_builtin_malloc(size_t bytes);
void* emscripten_builtin_memalign(size_t alignment, size_t bytes);
void emscripten_builtin_free(void* block);
}

namespace sotto {
namespace {

constexpr size_t kReserve = size_t{64} << 10;

// Threads share the heap, and these counts.
std::atomic<size_t> limit = 0;
std::atomic<size_t> in_use = 0;
std::atomic<size_t> peak = 0;
std::atomic<void*> reserve = nullptr;

bool is_within_limit(size_t bytes) {
  return limit == 0 || (bytes <= limit && in_use <= limit - bytes);
}

void raise_peak(size_t now) {
  size_t most = peak;
  while (now > most && !peak.compare_exchange_weak(most, now)) {
  }
}

void* counted(void* block) {
  if (block != nullptr) raise_peak(in_use += malloc_usable_size(block));
  return block;
}

void* take_small(size_t bytes) {
  if (is_within_limit(bytes)) {
    if (void* const block = emscripten_builtin_malloc(bytes)) return counted(block);
  }
  free_heap(reserve.exchange(nullptr));
  return counted(emscripten_builtin_malloc(bytes));
}

void* take_small(size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return nullptr;
  return take_small(count * size);
}

}  // namespace

void* take_heap(size_t alignment, size_t bytes) {
  return is_within_limit(bytes) ? counted(emscripten_builtin_memalign(alignment, bytes)) : nullptr;
}

void free_heap(void* block) {
  if (block == nullptr) return;
  in_use -= malloc_usable_size(block);
  emscripten_builtin_free(block);
}

bool has_headroom(size_t bytes) {
  if (reserve == nullptr) {
    if (!is_within_limit(kReserve)) return false;
    reserve = counted(emscripten_builtin_malloc(kReserve));
    if (reserve == nullptr) return false;
  }
  if (bytes > SIZE_MAX - kSmallThings || !is_within_limit(bytes + kSmallThings)) return false;
  void* const trial = emscripten_builtin_malloc(bytes + kSmallThings);
  emscripten_builtin_free(trial);
  if (trial != nullptr) raise_peak(in_use + bytes + kSmallThings);
  return trial != nullptr;
}

void set_heap_limit(size_t bytes) { limit = bytes; }
size_t heap_in_use() { return in_use; }
size_t heap_peak() { return peak; }

}  // namespace sotto

// In place of Emscripten's, for all C and C++ code and for the glue.
extern "C" {

void* malloc(size_t bytes) { return sotto::take_small(bytes); }

void free(void* block) { sotto::free_heap(block); }

void* calloc(size_t count, size_t size) {
  void* const block = sotto::take_small(count, size);
  if (block != nullptr) std::memset(block, 0, count * size);
  return block;
}

void* realloc(void* block, size_t bytes) {
  if (block == nullptr) return malloc(bytes);
  const size_t size = malloc_usable_size(block);
  if (bytes <= size) return block;
  void* const larger = malloc(bytes);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, block, size);
  free(block);
  return larger;
}

void* memalign(size_t alignment, size_t bytes) { return sotto::take_heap(alignment, bytes); }
void* aligned_alloc(size_t alignment, size_t bytes) { return sotto::take_heap(alignment, bytes); }

int posix_memalign(void** block, size_t alignment, size_t bytes) {
  *block = sotto::take_heap(alignment, bytes);
  return *block == nullptr ? ENOMEM : 0;
}
}
