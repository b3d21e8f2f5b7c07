// f32 weights [rows, columns] as XNNPACK has packed them, in blocks of rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "kernels/linear/packed_linear.h"

namespace sotto {

class PackedMatrix {
 public:
  // `y_stride`: floats from one row of a product to the next, at least `rows`.
  PackedMatrix(size_t rows, size_t columns, size_t y_stride)
      : rows_(rows), columns_(columns), y_stride_(y_stride) {}

  size_t rows() const { return rows_; }

  // Takes rows [row_begin, row_begin + n_rows) from `weights`: [n_rows, columns], in any order and
  // number, each row once. kOutOfMemory.
  Status add_rows(size_t row_begin, size_t n_rows, const float* weights);

  size_t n_blocks() const { return blocks_.size(); }
  // y = x W^T for the rows of one block. x: [n_x_rows, columns]; y: [n_x_rows, y_stride].
  void multiply(size_t block, const float* x, size_t n_x_rows, float* y) const;

  // out: [columns]
  void read_row(size_t row, float* out) const;

  size_t bytes() const;

  // What add_rows() of so many rows takes: as bytes() counts, and what stands around them.
  struct Sizes {
    uint64_t weights = 0;
    uint64_t around = 0;
  };
  static Sizes sizes_of(size_t n_rows, size_t columns);

 private:
  struct Block {
    size_t row_begin;
    size_t n_rows;
    PackedLinear linear;
  };

  size_t rows_;
  size_t columns_;
  size_t y_stride_;
  std::vector<Block> blocks_;  // ascending row_begin
};

}  // namespace sotto
