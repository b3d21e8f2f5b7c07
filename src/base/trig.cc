#include "base/trig.h"

#include <cmath>
#include <cstdint>

namespace sotto {
namespace {

// pi / 2 in two parts (W. Cody, W. Waite, Software Manual for the Elementary Functions, 1980), the
// first of 33 bits: its product with a quarter-turn count below 2^20 is exact.
constexpr double kHalfPiHigh = 0x1.921fb544p+0;
constexpr double kHalfPiLow = 0x1.0b4611a626331p-34;
constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;

// Up to pi / 4: x + x^3 p(x^2), p of degree 3 with the least largest error, 2^-36.
double sin_near_zero(double x, double square) {
  double p = 2.7249349836456018e-6;
  p = p * square - 1.9840081496046515e-4;
  p = p * square + 8.3333318627936696e-3;
  p = p * square - 1.6666666663815105e-1;
  return x + x * square * p;
}

// Up to pi / 4: 1 - x^2 / 2 + x^4 q(x^2), likewise, 2^-40.
double cos_near_zero(double square) {
  double q = -2.7300634251751620e-7;
  q = q * square + 2.4800597447204030e-5;
  q = q * square - 1.3888887665414756e-3;
  q = q * square + 4.1666666664299162e-2;
  return 1 - 0.5 * square + square * square * q;
}

}  // namespace

SinCos sin_cos(double angle) {
  const double n_quarters = std::nearbyint(angle * kTwoOverPi);
  const double x = (angle - n_quarters * kHalfPiHigh) - n_quarters * kHalfPiLow;
  const double square = x * x;
  const double sin = sin_near_zero(x, square);
  const double cos = cos_near_zero(square);
  switch (static_cast<uint32_t>(static_cast<int32_t>(n_quarters)) % 4) {
    case 0:
      return {sin, cos};
    case 1:
      return {cos, -sin};
    case 2:
      return {-sin, -cos};
    default:
      return {-cos, sin};
  }
}

}  // namespace sotto
