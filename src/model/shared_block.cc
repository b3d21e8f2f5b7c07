#include "model/shared_block.h"

#include <cstring>

#include "base/memory.h"

namespace sotto {
namespace {

// Lies in front of a block, on a cache line of its own.
struct alignas(kAlignment) Header {
  size_t n_owners;
  size_t* n_alive;
};

Header* header_of(uint8_t* data) { return reinterpret_cast<Header*>(data) - 1; }

}  // namespace

SharedBlock SharedBlock::create(size_t bytes, size_t* n_alive) {
  SharedBlock block;
  auto* const header = static_cast<Header*>(allocate(sizeof(Header) + bytes));
  if (header == nullptr) return block;
  *header = {.n_owners = 1, .n_alive = n_alive};
  ++*n_alive;
  block.data_ = reinterpret_cast<uint8_t*>(header + 1);
  std::memset(block.data_, 0, bytes);
  return block;
}

SharedBlock::SharedBlock(const SharedBlock& other) : data_(other.data_) {
  if (data_ != nullptr) ++header_of(data_)->n_owners;
}

SharedBlock::~SharedBlock() {
  if (data_ == nullptr || --header_of(data_)->n_owners > 0) return;
  --*header_of(data_)->n_alive;
  release(header_of(data_));
}

bool SharedBlock::is_shared() const { return data_ != nullptr && header_of(data_)->n_owners > 1; }

}  // namespace sotto
