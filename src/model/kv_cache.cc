#include "model/kv_cache.h"

#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "base/memory.h"

namespace sotto {
namespace {

size_t n_pages_in_use = 0;

// A page's counter lies in front of it, on a cache line of its own.
struct alignas(kAlignment) PageHeader {
  uint32_t n_owners;
};

PageHeader* header_of(float* page) { return reinterpret_cast<PageHeader*>(page) - 1; }

// nullptr when there is no memory. The page starts as zeros: a kernel may read positions that
// nobody wrote.
float* create_page(size_t floats) {
  void* const block = allocate(sizeof(PageHeader) + floats * sizeof(float));
  if (block == nullptr) return nullptr;
  auto* const header = static_cast<PageHeader*>(block);
  header->n_owners = 1;
  auto* const page = reinterpret_cast<float*>(header + 1);
  std::memset(page, 0, floats * sizeof(float));
  ++n_pages_in_use;
  return page;
}

void drop_page(float* page) {
  PageHeader* const header = header_of(page);
  if (--header->n_owners > 0) return;
  release(header);
  --n_pages_in_use;
}

size_t pages_for(size_t positions) { return (positions + kPagePositions - 1) / kPagePositions; }

}  // namespace

KvCache::KvCache(const DecoderConfig& config) : layout_(config) {
  pages_.reserve(pages_for(config.context_length));
}

KvCache::~KvCache() { truncate(0); }

void KvCache::share(const KvCache& other) {
  truncate(0);
  for (size_t index = 0; index < pages_for(other.length_); ++index) {
    ++header_of(other.pages_[index])->n_owners;
    pages_.push_back(other.pages_[index]);
  }
  length_ = other.length_;
}

Status KvCache::reserve(size_t n) {
  const size_t floats = layout_.page_floats();
  for (size_t index = length_ / kPagePositions; index < pages_for(length_ + n); ++index) {
    const bool is_new = index == pages_.size();
    if (!is_new && header_of(pages_[index])->n_owners == 1) continue;
    float* const page = create_page(floats);
    if (page == nullptr) return out_of_memory(floats * sizeof(float), "a page of the KV cache");
    if (is_new) {
      pages_.push_back(page);
    } else {
      std::memcpy(page, pages_[index], floats * sizeof(float));
      drop_page(pages_[index]);
      pages_[index] = page;
    }
  }
  return {};
}

void KvCache::write(size_t layer, size_t position, const float* k, const float* v) {
  SOTTO_CHECK(position < pages_.size() * kPagePositions);
  float* const page = pages_[position / kPagePositions];
  const size_t head_dim = layout_.head_dim;
  float* k_out = page + layout_.k_offset(layer) + position % kPagePositions * head_dim;
  float* v_out = page + layout_.v_offset(layer) + position % kPagePositions * head_dim;
  for (size_t head = 0; head < layout_.n_kv_heads; ++head) {
    std::memcpy(k_out, k + head * head_dim, head_dim * sizeof(float));
    std::memcpy(v_out, v + head * head_dim, head_dim * sizeof(float));
    k_out += kPagePositions * head_dim;
    v_out += kPagePositions * head_dim;
  }
}

void KvCache::truncate(size_t length) {
  SOTTO_CHECK(length <= length_);
  length_ = length;
  while (pages_.size() > pages_for(length)) {
    drop_page(pages_.back());
    pages_.pop_back();
  }
}

size_t KvCache::pages_in_use() { return n_pages_in_use; }

}  // namespace sotto
