#include "model/kv_cache.h"

#include <cstring>

#include "base/check.h"
#include "base/memory.h"
#include "kernels/attention_int8_simd.h"

namespace sotto {
namespace {

size_t n_pages_in_use = 0;

// A page's counter lies in front of it, on a cache line of its own.
struct alignas(kAlignment) PageHeader {
  uint32_t n_owners;
};

PageHeader* header_of(uint8_t* page) { return reinterpret_cast<PageHeader*>(page) - 1; }

// nullptr when there is no memory. The page starts as zeros: a kernel may read positions that
// nobody wrote.
uint8_t* create_page(size_t bytes) {
  void* const block = allocate(sizeof(PageHeader) + bytes);
  if (block == nullptr) return nullptr;
  auto* const header = static_cast<PageHeader*>(block);
  header->n_owners = 1;
  auto* const page = reinterpret_cast<uint8_t*>(header + 1);
  std::memset(page, 0, bytes);
  ++n_pages_in_use;
  return page;
}

void drop_page(uint8_t* page) {
  PageHeader* const header = header_of(page);
  if (--header->n_owners > 0) return;
  release(header);
  --n_pages_in_use;
}

size_t pages_for(size_t positions) { return (positions + kPagePositions - 1) / kPagePositions; }

}  // namespace

KvPageLayout::KvPageLayout(const DecoderConfig& config, KvType kv_type)
    : type(kv_type),
      n_layers(config.n_layers),
      n_kv_heads(config.n_kv_heads),
      head_dim(config.head_dim),
      head_bytes(kv_type == KvType::kF32 ? 2 * kPagePositions * head_dim * sizeof(float)
                                         : int8_head_bytes(head_dim)) {}

KvCache::KvCache(const DecoderConfig& config, KvType type) : layout_(config, type) {
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
  const size_t bytes = layout_.page_bytes();
  for (size_t index = length_ / kPagePositions; index < pages_for(length_ + n); ++index) {
    const bool is_new = index == pages_.size();
    if (!is_new && header_of(pages_[index])->n_owners == 1) continue;
    uint8_t* const page = create_page(bytes);
    if (page == nullptr) return out_of_memory(bytes, "a page of the KV cache");
    if (is_new) {
      pages_.push_back(page);
    } else {
      std::memcpy(page, pages_[index], bytes);
      drop_page(pages_[index]);
      pages_[index] = page;
    }
  }
  return {};
}

void KvCache::write(size_t layer, size_t position, const float* k, const float* v) {
  SOTTO_CHECK(position < pages_.size() * kPagePositions);
  uint8_t* page_head = pages_[position / kPagePositions] + layer * layout_.layer_bytes();
  const size_t in_page = position % kPagePositions;
  const size_t head_dim = layout_.head_dim;
  for (size_t head = 0; head < layout_.n_kv_heads; ++head, k += head_dim, v += head_dim) {
    if (layout_.type == KvType::kF32) {
      auto* const keys = reinterpret_cast<float*>(page_head);
      std::memcpy(keys + in_page * head_dim, k, head_dim * sizeof(float));
      std::memcpy(keys + (kPagePositions + in_page) * head_dim, v, head_dim * sizeof(float));
    } else {
      store_int8(k, v, head_dim, in_page, page_head);
    }
    page_head += layout_.head_bytes;
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

void KvCache::read(size_t layer, size_t kv_head, size_t n, float* keys, float* values) const {
  const size_t head_dim = layout_.head_dim;
  const size_t offset = layer * layout_.layer_bytes() + kv_head * layout_.head_bytes;
  for (size_t position = 0; position < n; ++position, keys += head_dim, values += head_dim) {
    const uint8_t* const page_head = pages_[position / kPagePositions] + offset;
    const size_t in_page = position % kPagePositions;
    if (layout_.type == KvType::kF32) {
      const auto* const all = reinterpret_cast<const float*>(page_head);
      std::memcpy(keys, all + in_page * head_dim, head_dim * sizeof(float));
      std::memcpy(values, all + (kPagePositions + in_page) * head_dim, head_dim * sizeof(float));
    } else {
      load_int8(page_head, head_dim, in_page, keys, values);
    }
  }
}

Status KvCache::clear_tail() {
  const size_t n = pages_for(length_) * kPagePositions - length_;
  if (n == 0) return {};
  SOTTO_RETURN_IF_ERROR(reserve(n));
  const std::vector<float> zeros(layout_.kv_rows());
  for (size_t layer = 0; layer < layout_.n_layers; ++layer) {
    for (size_t i = 0; i < n; ++i) write(layer, length_ + i, zeros.data(), zeros.data());
  }
  return {};
}

size_t KvCache::pages_in_use() { return n_pages_in_use; }

}  // namespace sotto
