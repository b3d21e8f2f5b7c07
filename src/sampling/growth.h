// What vectors take when they grow, which is asked before they do: an allocation cannot fail later.
#pragma once

#include <cstddef>
#include <vector>

namespace sotto {

// The most that a vector takes anew when it grows to `size`: it may double.
template <typename T>
size_t growth_bytes(const std::vector<T>& values, size_t size) {
  if (values.capacity() >= size) return 0;
  return (values.capacity() == 0 ? 1 : 2) * size * sizeof(T);
}

}  // namespace sotto
