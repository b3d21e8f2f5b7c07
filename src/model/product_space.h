// What products need besides their operands: the threads, and room that is used again by each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/thread_pool.h"
#include "kernels/linear/quantized_rows.h"

namespace sotto {

struct ProductSpace {
  ThreadPool* pool;
  QuantizedRows rows;  // room for the activations of any product, in any layout
  uint8_t* scratch;    // [pool->n_threads(), scratch_stride] bytes
  size_t scratch_stride;

  uint8_t* scratch_of(size_t thread) const { return scratch + thread * scratch_stride; }
};

}  // namespace sotto
