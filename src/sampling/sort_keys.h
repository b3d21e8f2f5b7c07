// Sorting candidates by an integer, without comparing them.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace sotto {

// An integer that is the smaller the larger the logit is; 0 and -0 are equal.
inline uint32_t descending_key(float logit) {
  const auto bits = std::bit_cast<uint32_t>(logit + 0.0F);  // which makes 0 of -0
  return (bits >> 31) != 0 ? bits : ~(bits | 0x80000000U);
}

// Sorts entries whose lower 32 bits ascend already. A radix sort of the upper ones in three passes,
// by 11 bits each: O(n), where comparing ten thousand logits costs more than all of their exp.
// `workspace` gets as many entries.
void sort_by_upper_half(std::vector<uint64_t>& entries, std::vector<uint64_t>& workspace);

}  // namespace sotto
