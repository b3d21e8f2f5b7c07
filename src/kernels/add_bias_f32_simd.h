// What follows a matrix product: its bias, and where the graph wants it the activation or the
// residual, in one pass. In all of them `columns` > 0 is any size, pointers need no alignment, and
// `bias` is [columns].
#pragma once

#include <cstddef>

namespace sotto {

// x += bias, in each row of x: [rows, columns].
void add_bias_f32_simd(float* x, size_t rows, size_t columns, const float* bias);

// x += y + bias, in each row of x, y: [rows, columns].
void add_residual_f32_simd(float* x, const float* y, size_t rows, size_t columns,
                           const float* bias);

// x = gelu(x + bias), in each row of x: [rows, columns], with the tanh form of GELU (Hendrycks,
// Gimpel, 2016, arXiv:1606.08415): gelu(v) = v / 2 (1 + tanh(u)), u = sqrt(2 / pi) (v + 0.044715
// v^3).
void add_bias_gelu_tanh_f32_simd(float* x, size_t rows, size_t columns, const float* bias);

}  // namespace sotto
