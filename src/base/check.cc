#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace sotto {

void fail_check(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "sotto: check failed at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace sotto
