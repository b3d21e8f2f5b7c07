// Numbers for objects, so that a list of numbers can name them.
#pragma once

#include <cstdint>

namespace sotto {

// Its address: it needs no table that would have to grow. Whoever names an object keeps it alive.
template <typename T>
int32_t number_of(const T* object) {
  static_assert(sizeof(intptr_t) == sizeof(int32_t));
  return static_cast<int32_t>(reinterpret_cast<intptr_t>(object));
}

template <typename T>
T& object_of(int32_t number) {
  return *reinterpret_cast<T*>(static_cast<intptr_t>(number));
}

}  // namespace sotto
