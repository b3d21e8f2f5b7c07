// What a sequence has of the tokens that it has read: keys and values, and recurrent state.
// docs/decisions/0010-sequence-state.md says what is kept, and why.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.h"
#include "model/kv_group.h"
#include "model/recurrent_state.h"
#include "model/sequence_layout.h"

namespace sotto {

class SequenceState {
 public:
  // `layout` outlives the state.
  explicit SequenceState(const SequenceLayout& layout);
  SequenceState(const SequenceState&) = delete;  // share() is the cheap way, and has a name
  SequenceState& operator=(const SequenceState&) = delete;
  SequenceState(SequenceState&&) = default;
  SequenceState& operator=(SequenceState&&) = default;

  // Becomes the sequence of `other`, of the same model, by sharing what it has: nothing is copied
  // until one of the two goes on.
  void share(const SequenceState& other);

  const SequenceLayout& layout() const { return *layout_; }
  KvType type() const { return layout_->type(); }
  size_t length() const { return length_; }  // positions that were read

  // Makes room for a pass over positions [length, length + n). kOutOfMemory leaves the sequence as
  // it was, but for memory that a later call finds ready.
  Status reserve(size_t n);

  // Writes the keys and values of a reserved position. k, v: [n_kv_heads, head_dim].
  void write(size_t layer, size_t position, const float* k, const float* v) {
    group_of(layer).write(layout_->index_in_group(layer), position, k, v);
  }
  PagedKeysValues keys_values(size_t layer) const {
    return group_of(layer).keys_values(layout_->index_in_group(layer));
  }

  // The state of a recurrent layer before the pass, zeros at the start, and where the pass writes
  // the one after it: [layout().state_floats(layer)] each.
  const float* state_in(size_t layer) const {
    return recurrent_.before_pass() + layout_->state_offset(layer);
  }
  float* state_out(size_t layer) { return recurrent_.after_pass() + layout_->state_offset(layer); }

  // The pass is done: every layer has written its keys and values of n positions, or its state.
  // `is_reading`: they are a text that was given, not tokens tried out or chosen one by one.
  void advance(size_t n, bool is_reading);

  // Goes back to the largest length that it can, at most `length`, which is at most length(), and
  // returns it: the rest is to be read again.
  size_t rewind(size_t length);

  // Takes back a reserve() whose pass does not run.
  void cancel();

  // Whether queries and keys are turned by LongScaling's long factors; said of an empty sequence.
  bool uses_long_factors() const { return uses_long_factors_; }
  void set_long_factors(bool uses_long_factors);

  // The group of a layer with keys and values, to look at them.
  const KvGroup& group_of(size_t layer) const { return groups_[layout_->group_of(layer)]; }
  KvGroup& group_of(size_t layer) { return groups_[layout_->group_of(layer)]; }

  size_t bytes() const;  // in memory; what other sequences share counts in full

  // What save() and restore need: all that goes on from here and nothing else, zeros where nothing
  // is. kOutOfMemory.
  Status strip();
  // Room for what strip() leaves of so many positions, in a sequence that holds nothing, and that
  // it is there: the recurrent state where the layers of a pass write it. kOutOfMemory.
  Status reserve_stripped(size_t length);
  void restored(size_t length);
  std::vector<KvGroup>& groups() { return groups_; }
  const std::vector<KvGroup>& groups() const { return groups_; }

 private:
  // A place to go back to: what a cut at `length` would not find any more. Forks share it.
  struct Checkpoint {
    size_t length;
    std::vector<KvGroup> windows;  // in the order of groups_, those with a window
    SharedBlock state;
    size_t bytes;
  };

  bool wants_checkpoint(bool is_reading) const;
  bool can_run_in_place(size_t n) const;
  bool can_cut_at(size_t length) const;
  void cut(size_t length);
  void keep_checkpoint();
  void drop_near_checkpoints();
  void thin_checkpoints();
  void go_back_to(const Checkpoint& checkpoint);
  void clear();

  const SequenceLayout* layout_;
  size_t length_ = 0;
  size_t length_before_ = 0;  // of the state before that recurrent_ has
  bool was_reading_ = false;  // the last pass
  bool uses_long_factors_ = false;
  std::vector<KvGroup> groups_;
  RecurrentState recurrent_;
  std::vector<std::shared_ptr<const Checkpoint>> checkpoints_;  // by length
};

}  // namespace sotto
