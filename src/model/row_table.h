// A matrix of which nothing but single rows is read. It is kept, or stays in its file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/result.h"
#include "model/linear.h"
#include "tensor/file_type.h"

namespace sotto {

// Whoever has the file.
class RowReader {
 public:
  virtual ~RowReader() = default;
  // A row's bytes as the file has them, until the next call. kUnreadable.
  virtual Result<const uint8_t*> read(size_t row) = 0;
};

class RowTable {
 public:
  Linear kept;  // has the shape in either case

  void leave_outside(const FileType& type, std::unique_ptr<RowReader> reader) {
    type_ = type;
    reader_ = std::move(reader);
  }

  // out: [columns]. kUnreadable, also for weights that are no numbers. One thread at a time.
  Status read_row(size_t row, float* out) const;

 private:
  FileType type_;
  std::unique_ptr<RowReader> reader_;  // null where it is kept
};

}  // namespace sotto
