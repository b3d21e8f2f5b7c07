// The keys and values of one sequence in the layers of one group, in pages of kPagePositions
// positions that several sequences may share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "kernels/attention.h"
#include "model/sequence_layout.h"
#include "model/shared_block.h"

namespace sotto {

class KvGroup {
 public:
  // `layout` outlives the group. A copy of a group shares its pages: nothing else is copied until
  // one of the two reserves room in a page that both own.
  explicit KvGroup(const KvGroupLayout& layout) : layout_(&layout) {}

  const KvGroupLayout& layout() const { return *layout_; }

  // Makes room to write positions [length, length + n): new pages, and own copies of shared ones.
  // kOutOfMemory leaves what is below `length` as it was.
  Status reserve(size_t length, size_t n);

  // One position below the reserved end. k, v: [n_kv_heads, head_dim].
  void write(size_t layer, size_t position, const float* k, const float* v);

  // The keys and values of one head at positions [begin, end), as written: [end - begin, head_dim]
  // each.
  void read(size_t layer, size_t kv_head, size_t begin, size_t end, float* keys,
            float* values) const;

  // Gives up the pages that hold positions from `length` on only, or before `first` only.
  void truncate(size_t length);
  void forget_before(size_t first);

  // Positions before it are gone.
  size_t first_position() const { return first_page_ * kPagePositions; }
  // Whether all that the position behind `length` sees is there.
  bool can_continue_at(size_t length) const {
    return layout_->first_visible(length) >= first_position();
  }

  // Zeros in [length, the end of its page), so that nothing forgotten is left there. kOutOfMemory.
  Status clear_tail(size_t length);

  size_t first_page() const { return first_page_; }
  size_t n_pages() const { return pages_.size(); }  // of the table, whose first ones may be gone
  uint8_t* page(size_t index) const { return pages_[index].data(); }  // nullptr where it is gone
  size_t bytes() const { return (pages_.size() - first_page_) * layout_->page_bytes(); }
  size_t bytes_beside(const KvGroup& other) const;  // without the pages that both have

  PagedKeysValues keys_values(size_t layer) const;

  static size_t pages_in_use();  // by all groups

  // Makes room for positions [first, first + n) of a group that holds nothing, for what is
  // restored. kOutOfMemory.
  Status reserve_from(size_t first, size_t n);

 private:
  const KvGroupLayout* layout_;
  size_t first_page_ = 0;
  std::vector<SharedBlock> pages_;
};

}  // namespace sotto
