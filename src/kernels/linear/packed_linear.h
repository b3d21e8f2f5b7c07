// A block of f32 weight rows packed for its matrix product, which XNNPACK's fully-connected
// operator computes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/result.h"

namespace sotto {

class PackedLinear {
 public:
  // Copies `weights`, [rows, columns], into the kernel's own layout; they may be dropped
  // afterwards. `y_stride`: floats from one row of the output to the next, at least `rows`. Fails
  // with kOutOfMemory.
  static Result<PackedLinear> pack(const float* weights, size_t rows, size_t columns,
                                   size_t y_stride);
  PackedLinear(PackedLinear&&) noexcept;
  PackedLinear& operator=(PackedLinear&&) noexcept;
  ~PackedLinear();

  // y[m, n] = sum over k of x[m, k] * weights[n, k], for m < n_x_rows and n < rows, added in
  // ascending k; a block of fewer than kPackedPanelRows rows adds up four interleaved sums. Either
  // way the order is the same for every n_x_rows. x: [n_x_rows, columns]; y: [n_x_rows, y_stride].
  void multiply(const float* x, size_t n_x_rows, float* y) const;

  // out[k] = weights[row, k]: so that an embedding and a head that share their weights are stored
  // once.
  void read_row(size_t row, float* out) const;

  size_t bytes() const;  // of the weights

  // The same of a block of this shape, before there is one.
  static uint64_t bytes_for(size_t rows, size_t columns);
  // What stands beside the weights of a block, XNNPACK's operator and ours: as it was measured.
  static constexpr size_t kOperatorBytes = 1224;

 private:
  struct State;
  explicit PackedLinear(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Rows that stand side by side in a packed panel.
constexpr size_t kPackedPanelRows = 8;

}  // namespace sotto
