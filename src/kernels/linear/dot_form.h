// The two forms of the relaxed dot product of int8 with seven bits, and the one that is in use.
#pragma once

#include "tensor/weight_type.h"

namespace sotto {

// Both are exact for what the kernels feed them (relaxed_dot.h), so the choice is one of speed.
// Which is the faster one depends on the processor and on what the runtime makes of it:
// docs/decisions/0009-two-dot-forms.md.
enum class DotForm {
  kPairs,  // i16x8.relaxed_dot_i8x16_i7x16_s, then i32x4.dot_i16x8_s
  kQuads,  // i32x4.relaxed_dot_i8x16_i7x16_add_s
  kAny,    // of a kernel that uses neither
};

// Of products with weights of a type, from the next one on; kPairs at first. To be called in the
// thread that calls for products.
void set_dot_form(WeightType type, DotForm form);
DotForm dot_form(WeightType type);

}  // namespace sotto
