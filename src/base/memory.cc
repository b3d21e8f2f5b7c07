#include "base/memory.h"

#include <cstdlib>
#include <string>

namespace sotto {
namespace {

// Lies in front of every block, so that release() knows its size.
struct alignas(kAlignment) Header {
  size_t bytes;
};

size_t limit = 0;
MemoryStats stats = {0, 0};

}  // namespace

void* allocate(size_t bytes) {
  constexpr size_t kLargest = ~size_t{0} - 2 * sizeof(Header);
  if (bytes > kLargest) return nullptr;
  const size_t total = (sizeof(Header) + bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (limit != 0 && (total > limit || stats.in_use > limit - total)) return nullptr;
  void* const block = std::aligned_alloc(kAlignment, total);
  if (block == nullptr) return nullptr;
  auto* const header = static_cast<Header*>(block);
  header->bytes = total;
  stats.in_use += total;
  if (stats.in_use > stats.peak) stats.peak = stats.in_use;
  return header + 1;
}

void release(void* block) {
  if (block == nullptr) return;
  Header* const header = static_cast<Header*>(block) - 1;
  stats.in_use -= header->bytes;
  std::free(header);
}

void set_memory_limit(size_t bytes) { limit = bytes; }

MemoryStats memory_stats() { return stats; }

Error out_of_memory(uint64_t bytes, const char* what) {
  return {ErrorCode::kOutOfMemory,
          "there is no memory for " + std::string(what) + ": " + std::to_string(bytes) +
              " bytes more were asked for with " + std::to_string(stats.in_use) +
              " in use. Dispose of models you no longer need, or load a smaller one."};
}

}  // namespace sotto
