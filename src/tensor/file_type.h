// What the bytes of a file's tensor are: elements, or blocks that are quantised already.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tensor/block_format.h"
#include "tensor/dtype.h"

namespace sotto {

struct FileType {
  DType dtype = DType::kF32;  // of elements
  std::optional<BlockFormat> blocks = std::nullopt;

  // Columns and bytes of what cannot be divided: an element or a block.
  size_t unit_columns() const { return blocks ? traits_of(*blocks).columns : size_t{1}; }
  size_t unit_bytes() const { return blocks ? traits_of(*blocks).bytes : dtype_bytes(dtype); }
};

// nullopt for a name that neither dtypes.inc nor block_formats.inc has.
inline std::optional<FileType> parse_file_type(std::string_view name) {
  if (const auto dtype = parse_dtype(name)) return FileType{.dtype = *dtype};
  if (const auto format = parse_block_format(name)) return FileType{.blocks = format};
  return std::nullopt;
}

// All of them, for messages.
inline std::string file_type_names() {
  std::string names;
#define SOTTO_DTYPE(enumerator, name, bytes) names += name ", ";
#include "tensor/dtypes.inc"
#undef SOTTO_DTYPE
  for (const BlockFormatTraits& format : kBlockFormatTraits) {
    names += std::string(format.name) + ", ";
  }
  return names.substr(0, names.size() - 2);
}

}  // namespace sotto
