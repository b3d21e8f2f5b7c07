// A weight matrix [rows, columns] made of packed row blocks.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "kernels/linear/packed_linear.h"

namespace sotto {

// Blocks exist so that weights can be packed while they stream in, never holding a whole tensor
// twice, and so that the parts of one matrix (q, k, v) may come from different tensors in any
// order.
class Matrix {
 public:
  Matrix() = default;
  Matrix(size_t rows, size_t columns) : rows_(rows), columns_(columns) {}

  size_t rows() const { return rows_; }
  size_t columns() const { return columns_; }

  // Packs rows [row_begin, row_begin + n_rows) from `weights`; the caller keeps blocks apart.
  Status add_block(size_t row_begin, size_t n_rows, const float* weights, WeightLayout layout);

  // y = x W^T. x: [n_x_rows, columns]; y: [n_x_rows, rows].
  void multiply(const float* x, size_t n_x_rows, float* y) const;

  // out: [columns]
  void read_row(size_t row, float* out) const;

  size_t bytes() const;

 private:
  struct Block {
    size_t row_begin;
    size_t n_rows;
    PackedLinear linear;
  };
  size_t rows_ = 0;
  size_t columns_ = 0;
  std::vector<Block> blocks_;  // ascending row_begin
};

}  // namespace sotto
