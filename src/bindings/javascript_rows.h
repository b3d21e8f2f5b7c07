// Rows of a tensor that stays in a file, which JavaScript reads.
#pragma once

#include <emscripten/val.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/memory.h"
#include "bindings/typed_array.h"
#include "model/row_table.h"

namespace sotto {

EMSCRIPTEN_DECLARE_VAL_TYPE(ReadRowFunction)

class JavaScriptRows : public RowReader {
 public:
  JavaScriptRows(const ReadRowFunction& read_row, size_t n_bytes)
      : read_row_(read_row), n_bytes_(n_bytes) {}

  // On the thread of the engine's caller, whose function it is.
  Result<const uint8_t*> read(size_t row) override {
    if (bytes_.empty()) {
      SOTTO_RETURN_IF_ERROR(ensure_headroom(n_bytes_, "a row of the file"));
      bytes_.resize(n_bytes_);
    }
    const auto problem =
        read_row_(static_cast<double>(row), view<uint8_t>(bytes_)).as<std::string>();
    if (!problem.empty()) return Error{ErrorCode::kUnreadable, problem};
    return bytes_.data();
  }

 private:
  emscripten::val read_row_;
  size_t n_bytes_;  // of a row
  std::vector<uint8_t> bytes_;
};

}  // namespace sotto
