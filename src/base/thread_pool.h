// The threads that share the engine's work, one parallel loop at a time.
#pragma once

#include <cstddef>
#include <memory>

namespace sotto {

// Loops are split into chunks that whoever is free takes next: a thread that the machine has
// stopped holds up one chunk, not half of the loop. There are two implementations:
// thread_pool_pthreads.cc, and thread_pool_single.cc for the variants without shared memory.
class ThreadPool {
 public:
  // `n_threads` > 0 counts the caller; the pool starts the others.
  explicit ThreadPool(size_t n_threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  size_t n_threads() const { return n_threads_; }

  // Calls body(begin, end, thread) for chunks of at most `chunk` > 0 indices that make up [0,
  // count), side by side and in any order, and returns when all are done. `thread` < n_threads()
  // is the number of the calling thread, for scratch space. Loops do not nest.
  template <typename Body>
  void parallel_for(size_t count, size_t chunk, const Body& body) {
    if (n_threads_ == 1 || count <= chunk) {
      if (count > 0) body(size_t{0}, count, size_t{0});
      return;
    }
    const auto call = [](const void* context, size_t begin, size_t end, size_t thread) {
      (*static_cast<const Body*>(context))(begin, end, thread);
    };
    run({call, &body, count, chunk});
  }

 private:
  struct Loop {
    void (*call)(const void* body, size_t begin, size_t end, size_t thread);
    const void* body;
    size_t count;
    size_t chunk;
  };
  struct Workers;
  void run(const Loop& loop);

  size_t n_threads_;
  std::unique_ptr<Workers> workers_;
};

}  // namespace sotto
