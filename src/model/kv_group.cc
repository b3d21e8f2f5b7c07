#include "model/kv_group.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/memory.h"
#include "kernels/attention_int8_simd.h"

namespace sotto {
namespace {

size_t n_pages_in_use = 0;

}  // namespace

Status KvGroup::reserve(size_t length, size_t n) {
  const size_t bytes = layout_->page_bytes();
  for (size_t index = length / kPagePositions; index < pages_for(length + n); ++index) {
    const bool is_new = index == pages_.size();
    if (!is_new && !pages_[index].is_shared()) continue;
    SharedBlock page = SharedBlock::create(bytes, &n_pages_in_use);
    if (page.data() == nullptr) return out_of_memory(bytes, "a page of keys and values");
    if (is_new) {
      pages_.push_back(std::move(page));
    } else {
      std::memcpy(page.data(), pages_[index].data(), bytes);
      pages_[index] = std::move(page);
    }
  }
  return {};
}

Status KvGroup::reserve_from(size_t first, size_t n) {
  SOTTO_CHECK(pages_.empty());
  first_page_ = first / kPagePositions;
  pages_.resize(first_page_);
  return reserve(first, n);
}

void KvGroup::write(size_t layer, size_t position, const float* k, const float* v) {
  SOTTO_CHECK(position < pages_.size() * kPagePositions);
  uint8_t* page_head = page(position / kPagePositions) + layer * layout_->layer_bytes();
  const size_t in_page = position % kPagePositions;
  const size_t head_dim = layout_->head_dim;
  for (size_t head = 0; head < layout_->n_kv_heads; ++head, k += head_dim, v += head_dim) {
    if (layout_->type == KvType::kF32) {
      auto* const keys = reinterpret_cast<float*>(page_head);
      std::memcpy(keys + in_page * head_dim, k, head_dim * sizeof(float));
      std::memcpy(keys + (kPagePositions + in_page) * head_dim, v, head_dim * sizeof(float));
    } else {
      store_int8(k, v, head_dim, in_page, page_head);
    }
    page_head += layout_->head_bytes;
  }
}

void KvGroup::read(size_t layer, size_t kv_head, size_t begin, size_t end, float* keys,
                   float* values) const {
  SOTTO_CHECK(begin >= first_position());
  const size_t head_dim = layout_->head_dim;
  const size_t offset = layer * layout_->layer_bytes() + kv_head * layout_->head_bytes;
  for (size_t position = begin; position < end; ++position) {
    const uint8_t* const page_head = page(position / kPagePositions) + offset;
    const size_t in_page = position % kPagePositions;
    if (layout_->type == KvType::kF32) {
      const auto* const all = reinterpret_cast<const float*>(page_head);
      std::memcpy(keys, all + in_page * head_dim, head_dim * sizeof(float));
      std::memcpy(values, all + (kPagePositions + in_page) * head_dim, head_dim * sizeof(float));
    } else {
      load_int8(page_head, head_dim, in_page, keys, values);
    }
    keys += head_dim;
    values += head_dim;
  }
}

void KvGroup::truncate(size_t length) {
  pages_.resize(std::min(pages_.size(), pages_for(length)));
  first_page_ = std::min(first_page_, pages_.size());
}

void KvGroup::forget_before(size_t first) {
  const size_t end = std::min(first / kPagePositions, pages_.size());
  for (; first_page_ < end; ++first_page_) pages_[first_page_] = {};
}

Status KvGroup::clear_tail(size_t length) {
  const size_t n = pages_for(length) * kPagePositions - length;
  if (n == 0) return {};
  SOTTO_RETURN_IF_ERROR(reserve(length, n));
  const std::vector<float> zeros(layout_->kv_rows());
  for (size_t layer = 0; layer < layout_->n_layers; ++layer) {
    for (size_t i = 0; i < n; ++i) write(layer, length + i, zeros.data(), zeros.data());
  }
  return {};
}

size_t KvGroup::bytes_beside(const KvGroup& other) const {
  size_t n_pages_alone = 0;
  for (size_t index = first_page_; index < pages_.size(); ++index) {
    const bool is_there = index < other.pages_.size() && other.page(index) == page(index);
    if (!is_there) ++n_pages_alone;
  }
  return n_pages_alone * layout_->page_bytes();
}

PagedKeysValues KvGroup::keys_values(size_t layer) const {
  // A SharedBlock is nothing but the pointer to its data.
  static_assert(sizeof(SharedBlock) == sizeof(uint8_t*));
  return {
      .pages = reinterpret_cast<const uint8_t* const*>(pages_.data()),
      .layer_offset = layer * layout_->layer_bytes(),
      .head_bytes = layout_->head_bytes,
      .window = layout_->window,
  };
}

size_t KvGroup::pages_in_use() { return n_pages_in_use; }

}  // namespace sotto
