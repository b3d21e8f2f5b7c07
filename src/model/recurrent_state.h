// The recurrent state of one sequence. A pass reads one buffer and writes another, so that the
// state before the pass is still there after it; or it writes where it reads, which moves a third
// less memory, and the state before stays that of an earlier pass.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "model/shared_block.h"

namespace sotto {

class RecurrentState {
 public:
  // Zeros, at the start of a sequence. bytes: of a buffer; 0 for a model without such layers.
  explicit RecurrentState(size_t bytes) : bytes_(bytes) {}

  // Makes room for the next pass, where the state before the last one was when nobody else has it.
  // kOutOfMemory leaves the state as it was.
  Status reserve();
  // Instead: the next pass writes where it reads, if nobody else has that.
  bool reserve_in_place();

  const float* before_pass() const { return floats(now_); }
  float* after_pass() { return floats(is_in_place_ ? now_ : next_); }

  // The pass is done: what it wrote is the state, and what it read is kept as the one before,
  // unless it was written over. Says whether it is kept.
  bool advance();
  bool has_before() const { return before_.data() != nullptr; }
  // Goes back to the state before, once.
  void step_back();
  void forget_before() { before_ = {}; }

  // The state as it is, shared, and the way back to it.
  SharedBlock now() const { return now_; }
  void set_now(SharedBlock state);

  // A second sequence with this state; what a pass under way has written is not shared.
  void share(const RecurrentState& other);

  size_t bytes() const;  // of all its buffers
  bool has(const SharedBlock& state) const {
    return state.data() == now_.data() || state.data() == before_.data();
  }

 private:
  static float* floats(const SharedBlock& block) { return reinterpret_cast<float*>(block.data()); }

  size_t bytes_;
  SharedBlock now_;
  SharedBlock before_;
  SharedBlock next_;
  bool is_in_place_ = false;  // the next pass
};

}  // namespace sotto
