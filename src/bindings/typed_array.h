// Typed arrays of JavaScript, as its declarations name them: of the heap, valid until it grows,
// where the engine gives them; of the caller's own where it takes them.
#pragma once

#include <emscripten/val.h>

#include <span>

namespace sotto {

template <typename T>
struct TypedArray : emscripten::val {
  TypedArray() = default;
  explicit TypedArray(const emscripten::val& array) : val(array) {}
};

template <typename T>
TypedArray<T> view(std::span<const T> values) {
  return TypedArray<T>(
      emscripten::val(emscripten::typed_memory_view(values.size(), values.data())));
}

}  // namespace sotto
