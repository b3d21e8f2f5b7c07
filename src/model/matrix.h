// A weight matrix [rows, columns] of one of the weight types, and its products.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/memory.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "kernels/linear/packed_linear.h"
#include "kernels/linear/quantized_rows.h"
#include "tensor/weight_type.h"

namespace sotto {

// What products need besides their operands: the threads, and room that is used again by each.
struct ProductSpace {
  ThreadPool* pool;
  QuantizedRows rows;  // room for the activations of any product, in any layout
  uint8_t* scratch;    // [pool->n_threads(), scratch_stride] bytes
  size_t scratch_stride;

  uint8_t* scratch_of(size_t thread) const { return scratch + thread * scratch_stride; }
};

// Rows are added as they stream in, in any order and number, so that the parts of one matrix (q, k,
// v) may come from different tensors and no tensor is held twice.
class Matrix {
 public:
  Matrix() = default;
  Matrix(size_t rows, size_t columns, WeightType type)
      : rows_(rows), columns_(columns), type_(type) {}

  size_t rows() const { return rows_; }
  size_t columns() const { return columns_; }
  WeightType type() const { return type_; }

  // Takes rows [row_begin, row_begin + n_rows) from `weights`: [n_rows, columns]; the caller gives
  // each row once. kOutOfMemory, or kNotFinite for weights that a quantised type cannot hold.
  Status add_rows(size_t row_begin, size_t n_rows, const float* weights);

  // Of a quantised type only: takes columns [column_begin, column_begin + n_columns), whole blocks
  // or the last columns, of rows [row_begin, row_begin + n_rows), from `weights`: [n_columns,
  // n_rows].
  Status add_columns(size_t row_begin, size_t n_rows, size_t column_begin, size_t n_columns,
                     const float* weights);

  // y = x W^T. x: [n_x_rows, columns]; y: [n_x_rows, rows]. A row of y has the same bits whatever
  // rows are beside it and however many threads there are.
  void multiply(const float* x, size_t n_x_rows, float* y, const ProductSpace& space) const;

  // out: [columns]. Of f32 weights, the row must have come among at least kReadableRows.
  void read_row(size_t row, float* out) const;

  size_t bytes() const;

 private:
  // f32 rows as XNNPACK has packed them.
  struct Block {
    size_t row_begin;
    size_t n_rows;
    PackedLinear linear;
  };
  Status add_packed(size_t row_begin, size_t n_rows, const float* weights);
  Status add_quantized(size_t row_begin, size_t n_rows, size_t column_begin, size_t n_columns,
                       const float* weights);
  Status reserve_panels();
  void multiply_packed(const float* x, size_t n_x_rows, float* y, const ProductSpace& space) const;
  void multiply_quantized(const float* x, size_t n_x_rows, float* y,
                          const ProductSpace& space) const;
  size_t panel_bytes() const { return blocks_for(columns_) * block_bytes(type_); }

  size_t rows_ = 0;
  size_t columns_ = 0;
  WeightType type_ = WeightType::kF32;
  std::vector<Block> blocks_;  // f32: ascending row_begin
  Buffer<uint8_t> panels_;     // quantised: [panels_for(rows), panel_bytes()]
};

}  // namespace sotto
