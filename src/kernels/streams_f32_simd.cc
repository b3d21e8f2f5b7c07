#include "kernels/streams_f32_simd.h"

#include <wasm_simd128.h>

#include <algorithm>
#include <array>

namespace sotto {

void predict_streams_f32_simd(float* const* streams, size_t n_streams, size_t columns,
                              const float* coefficients) {
  std::array<v128_t, kMostStreams> before;
  const auto predict = [&](const float* factors) {
    v128_t sum = wasm_f32x4_mul(wasm_v128_load32_splat(factors), before[0]);
    for (size_t j = 1; j < n_streams; ++j) {
      sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load32_splat(factors + j), before[j]));
    }
    return sum;
  };
  size_t column = 0;
  for (; column + 4 <= columns; column += 4) {
    for (size_t i = 0; i < n_streams; ++i) before[i] = wasm_v128_load(streams[i] + column);
    for (size_t i = 0; i < n_streams; ++i) {
      const v128_t sum = predict(coefficients + i * n_streams);
      wasm_v128_store(streams[i] + column, wasm_f32x4_add(before[i], sum));
    }
  }
  for (; column < columns; ++column) {
    for (size_t i = 0; i < n_streams; ++i) before[i] = wasm_f32x4_splat(streams[i][column]);
    for (size_t i = 0; i < n_streams; ++i) {
      const v128_t sum = predict(coefficients + i * n_streams);
      streams[i][column] += wasm_f32x4_extract_lane(sum, 0);
    }
  }
}

void correct_streams_f32_simd(float* const* streams, size_t n_streams, size_t active,
                              size_t columns, const float* predicted, const float* coefficients) {
  std::array<const float*, kMostStreams> predictions;
  std::copy_n(streams, n_streams, predictions.begin());
  predictions[active] = predicted;
  size_t column = 0;
  for (; column + 4 <= columns; column += 4) {
    const v128_t made = wasm_v128_load(streams[active] + column);
    const v128_t difference = wasm_f32x4_sub(made, wasm_v128_load(predicted + column));
    for (size_t i = 0; i < n_streams; ++i) {
      const v128_t change = wasm_f32x4_mul(wasm_v128_load32_splat(coefficients + i), difference);
      wasm_v128_store(streams[i] + column,
                      wasm_f32x4_add(wasm_v128_load(predictions[i] + column), change));
    }
  }
  for (; column < columns; ++column) {
    const float difference = streams[active][column] - predicted[column];
    for (size_t i = 0; i < n_streams; ++i) {
      streams[i][column] = predictions[i][column] + coefficients[i] * difference;
    }
  }
}

}  // namespace sotto
