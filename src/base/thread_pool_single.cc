// For the variants whose memory is not shared: the caller is the only thread.
#include "base/check.h"
#include "base/thread_pool.h"

namespace sotto {

struct ThreadPool::Workers {};

ThreadPool::ThreadPool(size_t n_threads) : n_threads_(n_threads) { SOTTO_CHECK(n_threads == 1); }
ThreadPool::~ThreadPool() = default;

void ThreadPool::run(const Loop& loop) { loop.call(loop.body, 0, loop.count, 0); }

}  // namespace sotto
