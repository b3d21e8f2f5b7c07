#include "model/sequence_state.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sotto {

SequenceState::SequenceState(const SequenceLayout& layout)
    : layout_(&layout), recurrent_(layout.recurrent_bytes()) {
  for (const KvGroupLayout& group : layout.groups()) groups_.emplace_back(group);
}

void SequenceState::share(const SequenceState& other) {
  layout_ = other.layout_;
  length_ = other.length_;
  length_before_ = other.length_before_;
  was_reading_ = other.was_reading_;
  uses_long_factors_ = other.uses_long_factors_;
  groups_ = other.groups_;
  for (KvGroup& group : groups_) group.truncate(length_);
  recurrent_.share(other.recurrent_);
  checkpoints_ = other.checkpoints_;
}

Status SequenceState::reserve(size_t n) {
  for (KvGroup& group : groups_) SOTTO_RETURN_IF_ERROR(group.reserve(length_, n));
  if (can_run_in_place(n) && recurrent_.reserve_in_place()) return {};
  return recurrent_.reserve();
}

// Whether the state need not be kept as it is before a pass of n tokens: one that is not tried out,
// and not far from a state that is kept.
bool SequenceState::can_run_in_place(size_t n) const {
  return n == 1 && recurrent_.has_before() && length_ < length_before_ + kInPlacePasses &&
         !wants_checkpoint(/*is_reading=*/false);
}

// Passes that read are worth going back to: a prompt that is asked again needs the beginning of its
// last one, for the logits of its end, and another text behind the prompt that end.
bool SequenceState::wants_checkpoint(bool is_reading) const {
  const size_t last = checkpoints_.empty() ? 0 : checkpoints_.back()->length;
  const bool is_far = length_ >= last + kCheckpointDistance;
  return !layout_->is_cut_anywhere() && length_ > last && (is_reading || was_reading_ || is_far);
}

void SequenceState::advance(size_t n, bool is_reading) {
  if (wants_checkpoint(is_reading)) {
    const bool is_prompt_end = !is_reading && was_reading_;
    if (!is_prompt_end) drop_near_checkpoints();
    keep_checkpoint();
  }
  if (recurrent_.advance()) length_before_ = length_;
  was_reading_ = is_reading;
  length_ += n;
  for (KvGroup& group : groups_) {
    const size_t margin = std::min(length_, kRewindMargin);
    group.forget_before(group.layout().first_visible(length_ - margin));
  }
}

size_t SequenceState::rewind(size_t length) {
  SOTTO_CHECK(length <= length_);
  const bool is_short_again = uses_long_factors_ && !layout_->needs_long_factors(length);
  if (length == 0 || is_short_again) {
    clear();
    return 0;
  }
  if (can_cut_at(length)) {
    cut(length);
    return length_;
  }
  // The state before the last pass, or the latest checkpoint, whichever is nearer.
  const auto behind =
      std::find_if(checkpoints_.begin(), checkpoints_.end(),
                   [&](const auto& checkpoint) { return checkpoint->length > length; });
  const size_t checkpoint = behind == checkpoints_.begin() ? 0 : (*std::prev(behind))->length;
  if (recurrent_.has_before() && length_before_ <= length && length_before_ > checkpoint &&
      can_cut_at(length_before_)) {
    cut(length_before_);
  } else if (checkpoint > 0) {
    go_back_to(**std::prev(behind));
  } else {
    clear();
  }
  return length_;
}

void SequenceState::cancel() {
  for (KvGroup& group : groups_) group.truncate(length_);
}

// Whether going back to `length` needs no checkpoint.
bool SequenceState::can_cut_at(size_t length) const {
  const bool has_windows = std::all_of(groups_.begin(), groups_.end(), [&](const KvGroup& group) {
    return group.can_continue_at(length);
  });
  const bool has_state = layout_->recurrent_bytes() == 0 || length == length_ ||
                         (recurrent_.has_before() && length == length_before_);
  return has_windows && has_state;
}

void SequenceState::cut(size_t length) {
  if (length < length_) {
    if (recurrent_.has_before()) recurrent_.step_back();
    length_before_ = length;
    was_reading_ = false;
  }
  for (KvGroup& group : groups_) group.truncate(length);
  while (!checkpoints_.empty() && checkpoints_.back()->length > length) checkpoints_.pop_back();
  length_ = length;
}

void SequenceState::go_back_to(const Checkpoint& checkpoint) {
  length_ = checkpoint.length;
  length_before_ = length_;
  was_reading_ = false;
  recurrent_.set_now(checkpoint.state);
  auto window = checkpoint.windows.begin();
  for (KvGroup& group : groups_) {
    if (group.layout().window > 0) {
      group = *window++;
    } else {
      group.truncate(length_);
    }
  }
  while (checkpoints_.back()->length > length_) checkpoints_.pop_back();
}

void SequenceState::clear() {
  length_ = 0;
  length_before_ = 0;
  was_reading_ = false;
  uses_long_factors_ = false;
  for (KvGroup& group : groups_) group.truncate(0);
  recurrent_.set_now({});
  checkpoints_.clear();
}

// Of the sequence as it was before the pass that has just run.
void SequenceState::keep_checkpoint() {
  Checkpoint checkpoint = {
      .length = length_,
      .windows = {},
      .state = recurrent_.now(),
      .bytes = layout_->recurrent_bytes(),
  };
  for (const KvGroup& group : groups_) {
    if (group.layout().window == 0) continue;
    checkpoint.windows.push_back(group);
    KvGroup& window = checkpoint.windows.back();
    window.truncate(length_);
    window.forget_before(window.layout().first_visible(length_));
    checkpoint.bytes += window.bytes();
  }
  checkpoints_.push_back(std::make_shared<const Checkpoint>(std::move(checkpoint)));
  thin_checkpoints();
}

// Before one is kept here: those that are near to their neighbours on both sides then were only the
// last ones of a reading.
void SequenceState::drop_near_checkpoints() {
  while (!checkpoints_.empty()) {
    const size_t n = checkpoints_.size();
    const size_t neighbour = n > 1 ? checkpoints_[n - 2]->length : 0;
    if (length_ > neighbour + kCheckpointDistance) return;
    checkpoints_.pop_back();
  }
}

// Keeps the budget; of the checkpoints before the last, those go that leave the smallest gaps.
void SequenceState::thin_checkpoints() {
  const auto total = [&] {
    size_t bytes = 0;
    for (const auto& checkpoint : checkpoints_) bytes += checkpoint->bytes;
    return bytes;
  };
  while (total() > layout_->checkpoint_budget()) {
    size_t smallest = 0;
    size_t smallest_gap = ~size_t{0};
    for (size_t i = 0; i + 1 < checkpoints_.size(); ++i) {
      const size_t before = i == 0 ? 0 : checkpoints_[i - 1]->length;
      const size_t gap = checkpoints_[i + 1]->length - before;
      if (gap < smallest_gap) {
        smallest = i;
        smallest_gap = gap;
      }
    }
    checkpoints_.erase(checkpoints_.begin() + static_cast<ptrdiff_t>(smallest));
  }
}

void SequenceState::set_long_factors(bool uses_long_factors) {
  SOTTO_CHECK(length_ == 0);
  uses_long_factors_ = uses_long_factors;
}

size_t SequenceState::bytes() const {
  size_t total = recurrent_.bytes();
  for (const KvGroup& group : groups_) total += group.bytes();
  // Of a checkpoint, what the next one has as well, or the sequence, counts there.
  for (size_t i = 0; i < checkpoints_.size(); ++i) {
    const bool is_last = i + 1 == checkpoints_.size();
    auto window = checkpoints_[i]->windows.begin();
    auto next = is_last ? window : checkpoints_[i + 1]->windows.begin();
    for (const KvGroup& group : groups_) {
      if (group.layout().window > 0) total += (window++)->bytes_beside(is_last ? group : *next++);
    }
    if (!recurrent_.has(checkpoints_[i]->state)) total += layout_->recurrent_bytes();
  }
  return total;
}

Status SequenceState::strip() {
  checkpoints_.clear();
  recurrent_.forget_before();
  for (KvGroup& group : groups_) {
    group.truncate(length_);
    group.forget_before(group.layout().first_visible(length_));
    SOTTO_RETURN_IF_ERROR(group.clear_tail(length_));
  }
  return {};
}

Status SequenceState::reserve_stripped(size_t length) {
  SOTTO_CHECK(length_ == 0);
  for (KvGroup& group : groups_) {
    const size_t first = group.layout().first_visible(length) / kPagePositions * kPagePositions;
    SOTTO_RETURN_IF_ERROR(group.reserve_from(first, length - first));
  }
  return length == 0 ? Status() : recurrent_.reserve();
}

void SequenceState::restored(size_t length) {
  if (length == 0) return;
  recurrent_.advance();
  recurrent_.forget_before();
  length_ = length;
  length_before_ = length;
}

}  // namespace sotto
