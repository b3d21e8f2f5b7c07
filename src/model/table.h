// Plain f32 rows that are added or multiplied elementwise.
#pragma once

#include <cstddef>

#include "base/memory.h"

namespace sotto {

struct Table {
  size_t rows = 0;
  size_t columns = 0;
  Buffer<float> values;  // [rows, columns]; empty when the model has none

  // nullptr of an empty table
  const float* data() const { return values.data(); }
  const float* row(size_t index) const { return values.data() + index * columns; }
  size_t bytes() const { return values.size() * sizeof(float); }
};

}  // namespace sotto
