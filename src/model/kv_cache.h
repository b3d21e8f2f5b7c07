// The keys and values of one sequence, in reference-counted pages of kPagePositions positions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "kernels/attention.h"
#include "model/decoder_config.h"

namespace sotto {

enum class KvType {
  kF32,
  kInt8,  // with an f32 scale for each position and head: a quarter of the memory to read
};

// One page holds, for every layer, its key-value heads one after the other, each in the form of the
// type's attention kernel. Sizes are in bytes.
struct KvPageLayout {
  KvType type;
  size_t n_layers;
  size_t n_kv_heads;
  size_t head_dim;
  size_t head_bytes;

  KvPageLayout(const DecoderConfig& config, KvType kv_type);

  size_t kv_rows() const { return n_kv_heads * head_dim; }
  size_t layer_bytes() const { return n_kv_heads * head_bytes; }
  size_t page_bytes() const { return n_layers * layer_bytes(); }
};

class KvCache {
 public:
  KvCache(const DecoderConfig& config, KvType type);
  KvCache(const KvCache&) = delete;  // share() is the cheap way, and has a name
  KvCache& operator=(const KvCache&) = delete;
  ~KvCache();

  // Becomes the sequence of `other`, of the same model, by sharing its pages: nothing is copied
  // until one of the two writes to a page that both own.
  void share(const KvCache& other);

  KvType type() const { return layout_.type; }
  size_t length() const { return length_; }  // positions that hold keys and values

  // Makes room to write positions [length, length + n): new pages, and own copies of pages that
  // others share. kOutOfMemory leaves the cache as it was, but for pages that a later call finds
  // ready.
  Status reserve(size_t n);

  // Writes the keys and values of one position below the reserved end. k, v: [n_kv_heads,
  // head_dim].
  void write(size_t layer, size_t position, const float* k, const float* v);

  // The reserved positions are written in every layer.
  void advance(size_t n) { length_ += n; }

  // Forgets positions from `length` on, and their pages.
  void truncate(size_t length);

  // The keys and values of one head at positions [0, n), as written: [n, head_dim] each.
  void read(size_t layer, size_t kv_head, size_t n, float* keys, float* values) const;

  // Zeros behind the last position, so that nothing forgotten is left there. kOutOfMemory.
  Status clear_tail();

  const KvPageLayout& layout() const { return layout_; }
  std::span<uint8_t* const> pages() const { return pages_; }

  PagedKeysValues layer(size_t layer) const {
    return {pages_.data(), layer * layout_.layer_bytes(), layout_.head_bytes};
  }

  static size_t pages_in_use();  // by all caches

 private:
  KvPageLayout layout_;
  size_t length_ = 0;
  std::vector<uint8_t*> pages_;
};

}  // namespace sotto
