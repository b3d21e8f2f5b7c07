// Checks against bugs. Bad input is never a check: it returns a Status (see result.h).
#pragma once

namespace sotto {

// Prints the place and the broken condition, then aborts: the host sees the engine die with this
// message.
[[noreturn]] void fail_check(const char* file, int line, const char* condition);

}  // namespace sotto

#define SOTTO_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::sotto::fail_check(__FILE_NAME__, __LINE__, #condition))
