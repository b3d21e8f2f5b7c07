// How far down an order of candidates one must go until they weigh enough together, without sorting
// them all.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sotto {

// The smallest key for which the entries with keys up to it weigh at least `wanted`; the largest
// key of an entry that has a weight when all weigh less, infinity when none has one. Keys are 0 or
// more; those of entries with a weight are finite. `order` is workspace.
float mass_cut(std::span<const float> keys, std::span<const float> weights, double wanted,
               std::vector<uint64_t>& order);

}  // namespace sotto
