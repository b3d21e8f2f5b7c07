#include "sampling/largest_entries.h"

#include <wasm_simd128.h>

#include <limits>

namespace sotto {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

// Of none, everything is turned away.
void LargestEntries::start(size_t k) {
  kept_.start(k);
  least_ = k == 0 ? kInfinity : -kInfinity;
}

// Entries come in ascending order of row and column, so one that equals the last one kept stands
// behind it.
void LargestEntries::add_row(std::span<const float> values, float offset, uint32_t row) {
  float least = least_;
  const v128_t offsets = wasm_f32x4_splat(offset);
  for_each_above(
      least, values.size(),
      [&](size_t i) { return wasm_f32x4_add(wasm_v128_load(&values[i]), offsets); },
      [&](size_t i) {
        const float value = values[i] + offset;
        if (!(value > least)) return;
        kept_.add({value, row, static_cast<int32_t>(i)});
        if (kept_.is_full()) least = kept_.last().value;
      });
  least_ = least;
}

std::span<const LargestEntries::Entry> LargestEntries::sorted() { return kept_.sorted(); }

}  // namespace sotto
