#include "model/recurrent_state.h"

#include <utility>

#include "base/memory.h"

namespace sotto {
namespace {

size_t n_states = 0;

}  // namespace

Status RecurrentState::reserve() {
  is_in_place_ = false;
  if (bytes_ == 0) return {};
  if (next_.data() == nullptr && before_.data() != nullptr && !before_.is_shared()) {
    next_ = std::exchange(before_, {});
  }
  for (SharedBlock* block : {&now_, &next_}) {
    if (block->data() != nullptr) continue;
    *block = SharedBlock::create(bytes_, &n_states);
    if (block->data() == nullptr) return out_of_memory(bytes_, "the recurrent state");
  }
  return {};
}

bool RecurrentState::reserve_in_place() {
  is_in_place_ = bytes_ > 0 && now_.data() != nullptr && !now_.is_shared();
  return is_in_place_;
}

bool RecurrentState::advance() {
  if (std::exchange(is_in_place_, false)) return false;
  before_ = std::exchange(now_, std::exchange(next_, {}));
  return true;
}

void RecurrentState::step_back() { now_ = std::exchange(before_, {}); }

void RecurrentState::set_now(SharedBlock state) {
  now_ = std::move(state);
  before_ = {};
}

void RecurrentState::share(const RecurrentState& other) {
  now_ = other.now_;
  before_ = other.before_;
}

size_t RecurrentState::bytes() const {
  size_t n_buffers = 0;
  for (const SharedBlock* block : {&now_, &before_, &next_}) n_buffers += block->data() != nullptr;
  return n_buffers * bytes_;
}

}  // namespace sotto
