// Products for the clock: what tells which form of the dot product is the faster one here.
#pragma once

#include <cstddef>

#include "kernels/linear/dot_form.h"

namespace sotto {

// Runs `n` products of the kernel for many rows of x that this variant has for a quantised type and
// a form, over one small panel of zeros that stays in the first cache. One takes about a
// microsecond once the runtime has compiled the kernel well.
void run_sample_products(WeightType type, DotForm form, size_t n);

}  // namespace sotto
