#include <wasm_simd128.h>

#include <algorithm>
#include <functional>

#include "sampling/sampling_chain.h"

namespace sotto {
namespace {

// Above this a heap is slower than a partition.
constexpr size_t kLargestHeap = 512;

// The k-th largest of `values`, by a heap of the k largest so far whose root is the smallest of
// them: after the first few hundred values nearly all are turned away, eight by one comparison, and
// nothing is sorted.
float kth_by_heap(std::span<const float> values, size_t k, std::vector<float>& heap) {
  heap.assign(values.begin(), values.begin() + static_cast<ptrdiff_t>(k));
  std::make_heap(heap.begin(), heap.end(), std::greater<>());
  const auto offer = [&](float value) {
    if (value <= heap.front()) return;
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    heap.back() = value;
    std::push_heap(heap.begin(), heap.end(), std::greater<>());
  };
  constexpr size_t kAtOnce = 8;
  size_t i = k;
  for (; i + kAtOnce <= values.size(); i += kAtOnce) {
    const v128_t root = wasm_f32x4_splat(heap.front());
    const v128_t any = wasm_v128_or(wasm_f32x4_gt(wasm_v128_load(&values[i]), root),
                                    wasm_f32x4_gt(wasm_v128_load(&values[i + 4]), root));
    if (!wasm_v128_any_true(any)) continue;
    for (size_t j = i; j < i + kAtOnce; ++j) offer(values[j]);
  }
  for (; i < values.size(); ++i) offer(values[i]);
  return heap.front();
}

float kth_by_partition(std::span<const float> values, size_t k, std::vector<float>& copy) {
  copy.assign(values.begin(), values.end());
  const auto kth = copy.begin() + static_cast<ptrdiff_t>(k - 1);
  std::nth_element(copy.begin(), kth, copy.end(), std::greater<>());
  return *kth;
}

}  // namespace

// Keeps the k most likely tokens (Fan, Lewis, Dauphin, 2018, arXiv:1805.04833), and those that tie
// with the k-th, as Hugging Face's TopKLogitsWarper does.
void apply_top_k(int32_t top_k, Candidates& candidates) {
  const auto k = static_cast<size_t>(top_k);
  if (k >= candidates.size) return;
  const auto kth_largest = k <= kLargestHeap ? kth_by_heap : kth_by_partition;
  candidates.keep_at_least(kth_largest(candidates.live(), k, candidates.keys));
}

}  // namespace sotto
