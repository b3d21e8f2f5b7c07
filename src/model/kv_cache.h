// The keys and values of one sequence, in reference-counted pages of kPagePositions positions.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "kernels/attention_f32_simd.h"
#include "model/decoder_config.h"

namespace sotto {

// One page holds, for every layer, K then V, each [n_kv_heads, kPagePositions, head_dim] in f32.
struct KvPageLayout {
  size_t n_layers;
  size_t n_kv_heads;
  size_t head_dim;

  explicit KvPageLayout(const DecoderConfig& config)
      : n_layers(config.n_layers), n_kv_heads(config.n_kv_heads), head_dim(config.head_dim) {}

  size_t block_floats() const { return n_kv_heads * kPagePositions * head_dim; }
  size_t page_floats() const { return 2 * n_layers * block_floats(); }
  size_t k_offset(size_t layer) const { return 2 * layer * block_floats(); }
  size_t v_offset(size_t layer) const { return k_offset(layer) + block_floats(); }
};

class KvCache {
 public:
  explicit KvCache(const DecoderConfig& config);
  KvCache(const KvCache&) = delete;  // share() is the cheap way, and has a name
  KvCache& operator=(const KvCache&) = delete;
  ~KvCache();

  // Becomes the sequence of `other`, of the same model, by sharing its pages: nothing is copied
  // until one of the two writes to a page that both own.
  void share(const KvCache& other);

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

  PagedKeysValues layer(size_t layer) const {
    return {pages_.data(), layout_.k_offset(layer), layout_.v_offset(layer)};
  }

  static size_t pages_in_use();  // by all caches

 private:
  KvPageLayout layout_;
  size_t length_ = 0;
  std::vector<float*> pages_;
};

}  // namespace sotto
