// What the bytes of a file's tensor are: elements, or blocks that are quantised already.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tensor/dtype.h"
#include "tensor/weight_type.h"

namespace sotto {

struct FileType {
  DType dtype = DType::kF32;                 // of elements
  WeightType block_type = WeightType::kF32;  // of blocks
  bool has_blocks() const { return block_type != WeightType::kF32; }

  // Columns and bytes of what cannot be divided: an element or a block.
  size_t unit_columns() const {
    return has_blocks() ? traits_of(block_type).block_columns : size_t{1};
  }
  size_t unit_bytes() const {
    return has_blocks() ? traits_of(block_type).file_block_bytes : dtype_bytes(dtype);
  }
};

// nullopt for a name that neither dtypes.inc nor weight_types.inc has.
inline std::optional<FileType> parse_file_type(std::string_view name) {
  if (const auto dtype = parse_dtype(name)) return FileType{.dtype = *dtype};
  for (size_t i = 1; i < std::size(kWeightTypeTraits); ++i) {
    if (name == kWeightTypeTraits[i].file_type) {
      return FileType{.block_type = static_cast<WeightType>(i)};
    }
  }
  return std::nullopt;
}

// All of them, for messages.
inline std::string file_type_names() {
  std::string names;
#define SOTTO_DTYPE(enumerator, name, bytes) names += name ", ";
#include "tensor/dtypes.inc"
#undef SOTTO_DTYPE
  for (size_t i = 1; i < std::size(kWeightTypeTraits); ++i) {
    names += std::string(kWeightTypeTraits[i].file_type) + ", ";
  }
  return names.substr(0, names.size() - 2);
}

}  // namespace sotto
