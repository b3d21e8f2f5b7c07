#include "base/memory.h"

#include <string>

#include "base/heap.h"

namespace sotto {

void* allocate(size_t bytes) { return take_heap(kAlignment, bytes); }
void release(void* block) { free_heap(block); }

Status ensure_headroom(size_t bytes, const char* what) {
  if (has_headroom(bytes)) return {};
  return out_of_memory(bytes + kSmallThings, what);
}

void set_memory_limit(size_t bytes) { set_heap_limit(bytes); }

MemoryStats memory_stats() { return {heap_in_use(), heap_peak()}; }

Error out_of_memory(uint64_t bytes, const char* what) {
  return {
      ErrorCode::kOutOfMemory,
      "there is no memory for " + std::string(what) + ": " + std::to_string(bytes) +
          " bytes more were asked for with " + std::to_string(heap_in_use()) +
          " in use. Dispose of sessions and models you no longer need, load a smaller model, or "
          "allow more (memoryLimit)."};
}

}  // namespace sotto
