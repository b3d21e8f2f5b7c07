// How the state of a recurrent head lies in memory, and the columns of it that a kernel holds in
// registers.
#pragma once

#include <wasm_simd128.h>

#include <cstddef>
#include <cstring>

namespace sotto {

// A head's state [rows, columns] lies as blocks of so many columns, each [rows, kStateColumns]: a
// block of 128 rows is 8 KB, and stays in the nearest cache between what is read of it and what is
// written. The last one is filled up with zeros.
constexpr size_t kStateColumns = 16;

constexpr size_t state_blocks(size_t columns) {
  return (columns + kStateColumns - 1) / kStateColumns;
}
constexpr size_t state_head_floats(size_t rows, size_t columns) {
  return rows * state_blocks(columns) * kStateColumns;
}

// kStateColumns values.
struct StateColumns {
  static constexpr size_t kVectors = kStateColumns / 4;
  v128_t v[kVectors];

  static StateColumns zeros() {
    const v128_t zero = wasm_f32x4_const_splat(0);
    return {{zero, zero, zero, zero}};
  }
  static StateColumns load(const float* in) {
    StateColumns columns;
    for (size_t i = 0; i < kVectors; ++i) columns.v[i] = wasm_v128_load(in + 4 * i);
    return columns;
  }
  // Of n <= kStateColumns values, and zeros.
  static StateColumns load(const float* in, size_t n) {
    if (n >= kStateColumns) return load(in);
    float all[kStateColumns] = {};
    std::memcpy(all, in, n * sizeof(float));
    return load(all);
  }
  void store(float* out) const {
    for (size_t i = 0; i < kVectors; ++i) wasm_v128_store(out + 4 * i, v[i]);
  }
  void store(float* out, size_t n) const {
    if (n >= kStateColumns) return store(out);
    float all[kStateColumns];
    store(all);
    std::memcpy(out, all, n * sizeof(float));
  }

  StateColumns times(v128_t factor) const {
    StateColumns product;
    for (size_t i = 0; i < kVectors; ++i) product.v[i] = wasm_f32x4_mul(v[i], factor);
    return product;
  }
  StateColumns plus(const StateColumns& other) const {
    StateColumns sum;
    for (size_t i = 0; i < kVectors; ++i) sum.v[i] = wasm_f32x4_add(v[i], other.v[i]);
    return sum;
  }
  StateColumns minus(const StateColumns& other) const {
    StateColumns difference;
    for (size_t i = 0; i < kVectors; ++i) difference.v[i] = wasm_f32x4_sub(v[i], other.v[i]);
    return difference;
  }
};

}  // namespace sotto
