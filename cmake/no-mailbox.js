// Overrides a function of Emscripten's own JavaScript library. Threads can send calls to each other through a mailbox, for
// which each thread waits by Atomics.waitAsync: a promise that nobody settles, and that keeps a module which is no longer used,
// with all its memory, for as long as the page or the process lives. Our threads send each other nothing.
addToLibrary({
  _emscripten_thread_mailbox_await__deps: [],
  _emscripten_thread_mailbox_await: (_thread) => {},
});
