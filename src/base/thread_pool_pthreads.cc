// For the variants whose memory is shared: helpers are POSIX threads that sleep on futexes.
#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/thread_pool.h"

namespace sotto {
namespace {

// Looks at a flag before a thread sleeps, of about a nanosecond each. Helpers spin through the
// pause that sampling and streaming a token make, and sleep between generations; the caller spins
// for as long as the last chunk of a loop may take.
constexpr int kHelperSpins = 150'000;
constexpr int kCallerSpins = 20'000;

// A chunk takes microseconds. A helper that has not ended its own after several of these waits was
// stopped by a bug; one wait alone may have passed while the machine slept.
constexpr int64_t kPatience = 5'000'000'000;  // nanoseconds
constexpr int kMostTimeouts = 4;

constexpr size_t kStackBytes = size_t{256} << 10;

// atomic.wait and atomic.notify on a 32-bit counter (WebAssembly threads proposal).
enum class Waited { kWoken = 0, kChanged = 1, kTimedOut = 2 };
Waited wait_while(std::atomic<int32_t>& counter, int32_t value, int64_t nanoseconds) {
  return static_cast<Waited>(__builtin_wasm_memory_atomic_wait32(
      reinterpret_cast<int32_t*>(&counter), value, nanoseconds));
}
void wake_all(std::atomic<int32_t>& counter) {
  __builtin_wasm_memory_atomic_notify(reinterpret_cast<int32_t*>(&counter), UINT32_MAX);
}

// A ticket is the number of a loop's chunks in the upper half, and in the lower half the next one
// that nobody has taken.
constexpr uint64_t ticket(uint64_t n_chunks) { return n_chunks << 32; }
constexpr size_t chunks_of(uint64_t ticket) { return static_cast<size_t>(ticket >> 32); }
constexpr size_t next_of(uint64_t ticket) { return static_cast<uint32_t>(ticket); }
constexpr bool has_work(uint64_t ticket) { return next_of(ticket) < chunks_of(ticket); }

}  // namespace

// One atomic word, the ticket, hands out the chunks. A thread that takes a ticket with work in it
// has a chunk of the current loop, which cannot end before that chunk is done: so the loop's
// description, which the caller wrote beforehand, stands still while it is read. A thread that
// comes late finds no work and has read nothing else.
struct ThreadPool::Workers {
  // On cache lines of their own: everybody writes the first two.
  alignas(64) std::atomic<uint64_t> next_ticket = 0;
  alignas(64) std::atomic<int32_t> n_unfinished = 0;  // chunks of the current loop
  alignas(64) Loop loop = {};
  std::atomic<int32_t> wake_count = 0;  // what sleeping helpers wait on
  std::atomic<int32_t> n_sleeping = 0;
  std::atomic<bool> is_caller_sleeping = false;
  std::atomic<bool> is_ending = false;
  std::vector<pthread_t> threads;

  // Takes chunks until there are none, and returns how many.
  int32_t work(size_t thread) {
    int32_t n_done = 0;
    for (;;) {
      const uint64_t taken = next_ticket.fetch_add(1);
      if (!has_work(taken)) return n_done;
      const size_t begin = next_of(taken) * loop.chunk;
      const size_t end = begin + loop.chunk < loop.count ? begin + loop.chunk : loop.count;
      loop.call(loop.body, begin, end, thread);
      ++n_done;
    }
  }

  void finish(int32_t n_done) {
    if (n_unfinished.fetch_sub(n_done) != n_done) return;
    if (is_caller_sleeping.load()) wake_all(n_unfinished);
  }

  // Returns when there may be work, or the pool ends.
  void wait_for_work() {
    for (int i = 0; i < kHelperSpins; ++i) {
      if (has_work(next_ticket.load(std::memory_order_relaxed))) return;
    }
    const int32_t seen = wake_count.load();
    n_sleeping.fetch_add(1);
    // Whoever publishes a loop after this look sees that somebody sleeps.
    if (!has_work(next_ticket.load()) && !is_ending.load()) wait_while(wake_count, seen, -1);
    n_sleeping.fetch_sub(1);
  }

  void wake_helpers() {
    if (n_sleeping.load() == 0) return;
    wake_count.fetch_add(1);
    wake_all(wake_count);
  }

  // If another program has the processor of a helper with a chunk, spinning on would keep it from
  // ours: the caller sleeps, and the helper moves here.
  void wait_for_helpers() {
    for (int i = 0; i < kCallerSpins; ++i) {
      if (n_unfinished.load(std::memory_order_acquire) == 0) return;
    }
    is_caller_sleeping.store(true);
    int n_timeouts = 0;
    for (int32_t left = n_unfinished.load(); left != 0; left = n_unfinished.load()) {
      const bool is_late = wait_while(n_unfinished, left, kPatience) == Waited::kTimedOut;
      n_timeouts = is_late ? n_timeouts + 1 : 0;
      SOTTO_CHECK(n_timeouts < kMostTimeouts);
    }
    is_caller_sleeping.store(false);
  }

  struct Start {
    Workers* workers;
    size_t thread;
  };
  static void* run_helper(void* argument) {
    const Start start = *static_cast<Start*>(argument);
    delete static_cast<Start*>(argument);
    Workers& workers = *start.workers;
    while (!workers.is_ending.load()) {
      workers.wait_for_work();
      const int32_t n_done = workers.work(start.thread);
      if (n_done > 0) workers.finish(n_done);
    }
    return nullptr;
  }
};

ThreadPool::ThreadPool(size_t n_threads)
    : n_threads_(n_threads), workers_(std::make_unique<Workers>()) {
  SOTTO_CHECK(n_threads > 0);
  pthread_attr_t attributes;
  SOTTO_CHECK(pthread_attr_init(&attributes) == 0);
  SOTTO_CHECK(pthread_attr_setstacksize(&attributes, kStackBytes) == 0);
  for (size_t thread = 1; thread < n_threads; ++thread) {
    pthread_t id;
    const auto start = new Workers::Start{workers_.get(), thread};
    SOTTO_CHECK(pthread_create(&id, &attributes, Workers::run_helper, start) == 0);
    workers_->threads.push_back(id);
  }
  pthread_attr_destroy(&attributes);
}

ThreadPool::~ThreadPool() {
  workers_->is_ending.store(true);
  workers_->wake_count.fetch_add(1);
  wake_all(workers_->wake_count);
  for (const pthread_t thread : workers_->threads) pthread_join(thread, nullptr);
}

void ThreadPool::run(const Loop& loop) {
  Workers& workers = *workers_;
  const size_t n_chunks = (loop.count + loop.chunk - 1) / loop.chunk;
  SOTTO_CHECK(n_chunks <= INT32_MAX);
  workers.loop = loop;
  workers.n_unfinished.store(static_cast<int32_t>(n_chunks));
  workers.next_ticket.store(ticket(n_chunks));
  workers.wake_helpers();
  workers.finish(workers.work(0));
  workers.wait_for_helpers();
}

}  // namespace sotto
