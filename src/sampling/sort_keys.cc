#include "sampling/sort_keys.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sotto {
namespace {

constexpr int kDigitBits = 11;
constexpr size_t kDigits = size_t{1} << kDigitBits;
constexpr std::array<int, 3> kShifts = {32, 32 + kDigitBits, 32 + 2 * kDigitBits};

// Below this, counting digits costs more than comparing entries.
constexpr size_t kWorthCounting = 512;

size_t digit(uint64_t entry, int shift) { return (entry >> shift) & (kDigits - 1); }

}  // namespace

void sort_by_upper_half(std::vector<uint64_t>& entries, std::vector<uint64_t>& workspace) {
  if (entries.size() < kWorthCounting) {
    std::sort(entries.begin(), entries.end());
    return;
  }
  std::array<std::array<uint32_t, kDigits>, kShifts.size()> counts = {};
  for (const uint64_t entry : entries) {
    for (size_t pass = 0; pass < kShifts.size(); ++pass)
      ++counts[pass][digit(entry, kShifts[pass])];
  }
  workspace.resize(entries.size());
  for (size_t pass = 0; pass < kShifts.size(); ++pass) {
    uint32_t next = 0;  // where the first entry with a digit goes
    for (uint32_t& count : counts[pass]) {
      const uint32_t n_entries = count;
      count = next;
      next += n_entries;
    }
    for (const uint64_t entry : entries) {
      workspace[counts[pass][digit(entry, kShifts[pass])]++] = entry;
    }
    entries.swap(workspace);
  }
}

}  // namespace sotto
