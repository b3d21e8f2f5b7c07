#include "sampling/largest_entries.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <limits>

namespace sotto {
namespace {

bool stands_before(const LargestEntries::Entry& a, const LargestEntries::Entry& b) {
  if (a.value != b.value) return a.value > b.value;
  return a.row != b.row ? a.row < b.row : a.column < b.column;
}

}  // namespace

void LargestEntries::start(size_t k) {
  k_ = k;
  heap_.clear();
}

// The caller has seen that the entry is larger than the root, or that there is room. Entries come
// in ascending order of row and column, so one that equals the root stands behind it.
void LargestEntries::add(Entry entry) {
  if (heap_.size() == k_) {
    std::pop_heap(heap_.begin(), heap_.end(), stands_before);
    heap_.back() = entry;
  } else {
    heap_.push_back(entry);
  }
  std::push_heap(heap_.begin(), heap_.end(), stands_before);
}

// After the first few hundred values nearly all are turned away, four by one comparison.
void LargestEntries::add_row(std::span<const float> values, float offset, uint32_t row) {
  if (k_ == 0) return;
  const auto threshold = [&] {
    return heap_.size() < k_ ? -std::numeric_limits<float>::infinity() : heap_.front().value;
  };
  float least = threshold();
  const auto look_at = [&](size_t column) {
    const float value = values[column] + offset;
    if (!(value > least)) return;
    add({value, row, static_cast<int32_t>(column)});
    least = threshold();
  };
  const v128_t offsets = wasm_f32x4_splat(offset);
  size_t column = 0;
  for (; column + 4 <= values.size(); column += 4) {
    const v128_t sums = wasm_f32x4_add(wasm_v128_load(&values[column]), offsets);
    if (!wasm_v128_any_true(wasm_f32x4_gt(sums, wasm_f32x4_splat(least)))) continue;
    for (size_t lane = 0; lane < 4; ++lane) look_at(column + lane);
  }
  for (; column < values.size(); ++column) look_at(column);
}

std::span<const LargestEntries::Entry> LargestEntries::sorted() {
  std::sort(heap_.begin(), heap_.end(), stands_before);
  return heap_;
}

}  // namespace sotto
