// The one heap of the engine: what malloc, operator new and Embind's glue take from it is counted
// like the large memory of base/memory.h, and does not fail.
//
// C++ containers and the strings that cross the boundary abort the engine where malloc fails. So a
// call that will need such memory asks for headroom first, and is refused where there is none; and
// a reserve is kept for what was not foreseen, such as the words of an error: malloc gives it up
// before it fails, and the next headroom is refused until it could be taken again.
#pragma once

#include <cstddef>

namespace sotto {

// What a call may take besides what it asked headroom for: objects, short strings, statuses.
constexpr size_t kSmallThings = size_t{32} << 10;

// Aligned to `alignment`, nullptr when the heap or the limit does not allow it. Leaves the reserve
// alone. free_heap() takes what any function here gave, nullptr too.
void* take_heap(size_t alignment, size_t bytes);
void free_heap(void* block);

// Whether `bytes` in all can be had in small blocks, kSmallThings besides them, and the reserve.
// Nothing stays taken but that.
bool has_headroom(size_t bytes);

// Bytes that may be in use at most from now on; 0 means no limit but the heap's. Blocks in use
// stay.
void set_heap_limit(size_t bytes);

size_t heap_in_use();  // bytes, the reserve included
size_t
heap_peak();  // the most that was in use, or asked for as headroom, at once: a limit that suffices

}  // namespace sotto
