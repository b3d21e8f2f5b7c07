// The k largest entries of a matrix that is shown row by row; nothing is sorted but these k.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sampling/k_largest.h"

namespace sotto {

class LargestEntries {
 public:
  struct Entry {
    float value;  // of the matrix, with the row's offset added
    uint32_t row;
    int32_t column;
  };

  // Forgets all; keeps at most k entries from now on.
  void start(size_t k);

  // Takes values[column] + offset as row `row`. Rows come in ascending order. Minus infinity and
  // NaN are never kept.
  void add_row(std::span<const float> values, float offset, uint32_t row);

  // The largest first; of equal ones that of the lower row, then of the lower column. Ends the
  // search: only start() may follow.
  std::span<const Entry> sorted();

 private:
  struct StandsBefore {
    bool operator()(const Entry& a, const Entry& b) const {
      if (a.value != b.value) return a.value > b.value;
      return a.row != b.row ? a.row < b.row : a.column < b.column;
    }
  };

  float least_ = 0;  // what a value must exceed
  KLargest<Entry, StandsBefore> kept_;
};

}  // namespace sotto
