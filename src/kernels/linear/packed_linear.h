// A block of weight rows packed for its matrix product. XNNPACK's fully-connected operator does the
// f32 work.
#pragma once

#include <cstddef>
#include <memory>

#include "base/result.h"

namespace sotto {

// How a weight block lies in memory before it is packed.
enum class WeightLayout {
  kRowsByColumns,  // [rows, columns], as torch.nn.Linear keeps it
  kColumnsByRows,  // [columns, rows], as GPT-2's Conv1D keeps it
};

class PackedLinear {
 public:
  // Copies `weights` into the kernel's own layout; they may be dropped afterwards. `y_stride`:
  // floats from one row of the output to the next, at least `rows`. Fails with kOutOfMemory.
  static Result<PackedLinear> pack(const float* weights, size_t rows, size_t columns,
                                   WeightLayout layout, size_t y_stride);
  PackedLinear(PackedLinear&&) noexcept;
  PackedLinear& operator=(PackedLinear&&) noexcept;
  ~PackedLinear();

  // y[m, n] = sum over k of x[m, k] * weights[n, k], for m < n_x_rows and n < rows, added in
  // ascending k; a block of fewer than kReadableRows rows adds up four interleaved sums. Either way
  // the order is the same for every n_x_rows. x: [n_x_rows, columns]; y: [n_x_rows, y_stride].
  void multiply(const float* x, size_t n_x_rows, float* y) const;

  // out[k] = weights[row, k]: so that an embedding and a head that share their weights are stored
  // once. Needs at least kReadableRows packed rows.
  void read_row(size_t row, float* out) const;

  size_t bytes() const;  // of the packed weights

 private:
  struct State;
  explicit PackedLinear(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

constexpr size_t kReadableRows = 8;

}  // namespace sotto
