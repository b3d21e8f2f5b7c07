// The k largest of many, without sorting the others: for a cut at the k-th logit, and for the
// likeliest tokens with where they come from.
#pragma once

#include <wasm_simd128.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "sampling/growth.h"

namespace sotto {

// The k entries that stand first by `Before`, in a heap whose root stands last of those kept.
template <typename Entry, typename Before>
class KLargest {
 public:
  // Forgets all; keeps at most k entries from now on. Allocates for as many, and nothing later.
  void start(size_t k) {
    k_ = k;
    heap_.clear();
    heap_.reserve(k);
  }
  // Bytes that start(k) may take.
  size_t missing_bytes(size_t k) const { return growth_bytes(heap_, k); }

  bool is_full() const { return heap_.size() == k_; }
  // The entry that goes next. There is one.
  const Entry& last() const { return heap_.front(); }

  // When it is full, the entry stands before last(). k is not 0.
  void add(const Entry& entry) {
    if (is_full()) {
      std::pop_heap(heap_.begin(), heap_.end(), Before());
      heap_.back() = entry;
    } else {
      heap_.push_back(entry);
    }
    std::push_heap(heap_.begin(), heap_.end(), Before());
  }

  // In order. Ends it: only start() may follow.
  std::span<const Entry> sorted() {
    std::sort_heap(heap_.begin(), heap_.end(), Before());
    return heap_;
  }

 private:
  size_t k_ = 0;
  std::vector<Entry> heap_;
};

// Calls offer(i) in ascending order for each i < size whose value is above `bound`, and for some
// others; offer() may raise it. `four_at(i)` are the values i .. i + 3. After the first few hundred
// nearly all are turned away, eight by one comparison.
template <typename FourAt, typename Offer>
void for_each_above(const float& bound, size_t size, FourAt four_at, Offer offer) {
  constexpr size_t kAtOnce = 8;
  size_t i = 0;
  for (; i + kAtOnce <= size; i += kAtOnce) {
    const v128_t bounds = wasm_f32x4_splat(bound);
    const v128_t any =
        wasm_v128_or(wasm_f32x4_gt(four_at(i), bounds), wasm_f32x4_gt(four_at(i + 4), bounds));
    if (!wasm_v128_any_true(any)) continue;
    for (size_t j = i; j < i + kAtOnce; ++j) offer(j);
  }
  for (; i < size; ++i) offer(i);
}

}  // namespace sotto
