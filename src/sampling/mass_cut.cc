#include "sampling/mass_cut.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace sotto {
namespace {

// Keys are differences of logits whose weight exp(-key) is not 0, hence below 88, or nearly so:
// 1/16 wide each.
constexpr size_t kBuckets = 1536;
constexpr float kBucketsPerUnit = 16;

size_t bucket_of(float key) {
  if (!(key > 0)) return 0;  // NaN, too
  return static_cast<size_t>(std::min(key * kBucketsPerUnit, static_cast<float>(kBuckets - 1)));
}

}  // namespace

float mass_cut(std::span<const float> keys, std::span<const float> weights, double wanted,
               std::vector<uint64_t>& order) {
  std::array<double, kBuckets> masses = {};
  size_t last = 0;  // with a weight
  for (size_t i = 0; i < keys.size(); ++i) {
    if (weights[i] == 0) continue;
    const size_t bucket = bucket_of(keys[i]);
    masses[bucket] += weights[i];
    last = std::max(last, bucket);
  }
  // The bucket in which `wanted` is reached, and what the ones before it weigh. An empty one
  // reaches nothing, whatever is wanted.
  size_t bucket = 0;
  double reached = 0;
  while (bucket < last && (masses[bucket] == 0 || reached + masses[bucket] < wanted)) {
    reached += masses[bucket++];
  }

  order.clear();
  for (uint32_t i = 0; i < keys.size(); ++i) {
    if (weights[i] != 0 && bucket_of(keys[i]) == bucket) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](uint64_t a, uint64_t b) { return keys[a] != keys[b] ? keys[a] < keys[b] : a < b; });
  for (const uint64_t i : order) {
    reached += weights[i];
    if (reached >= wanted) return keys[i];
  }
  return order.empty() ? std::numeric_limits<float>::infinity() : keys[order.back()];
}

}  // namespace sotto
