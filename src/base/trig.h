// Sine and cosine that give the same bits in every build and on every CPU, for tables of rotary
// positions: docs/decisions/0008-rope-tables.md.
#pragma once

namespace sotto {

struct SinCos {
  double sin;
  double cos;
};

// Of an angle of magnitude up to 2^20, in radians: within 2^-35 of the exact ones, a tenth of a
// percent of f32's last place at 1.
SinCos sin_cos(double angle);

}  // namespace sotto
