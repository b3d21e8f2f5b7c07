// Element types of tensors in files. The list itself is dtypes.inc.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace sotto {

enum class DType {
#define SOTTO_DTYPE(enumerator, name, bytes) enumerator,
#include "tensor/dtypes.inc"
#undef SOTTO_DTYPE
};

constexpr size_t dtype_bytes(DType dtype) {
  switch (dtype) {
#define SOTTO_DTYPE(enumerator, name, bytes) \
  case DType::enumerator:                    \
    return bytes;
#include "tensor/dtypes.inc"
#undef SOTTO_DTYPE
  }
  return 0;
}

// nullopt for a name that is not in the list.
inline std::optional<DType> parse_dtype(std::string_view text) {
#define SOTTO_DTYPE(enumerator, name, bytes) \
  if (text == (name)) return DType::enumerator;
#include "tensor/dtypes.inc"
#undef SOTTO_DTYPE
  return std::nullopt;
}

}  // namespace sotto
