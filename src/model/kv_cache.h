// The keys and values of one sequence, in reference-counted pages of kPagePositions positions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "kernels/attention.h"
#include "model/decoder_config.h"

namespace sotto {

enum class KvType {
  kF32,
  kInt8,  // with an f32 scale for each position and head: a quarter of the memory to read
};

// One page holds, for every layer, K then V of all its heads in the form of the type's attention
// kernel, then the scales of both. Offsets and sizes are in bytes.
class KvPageLayout {
 public:
  KvPageLayout(const DecoderConfig& config, KvType type);

  KvType type() const { return type_; }
  size_t n_kv_heads() const { return n_kv_heads_; }
  size_t head_dim() const { return head_dim_; }
  size_t page_bytes() const { return n_layers_ * layer_bytes(); }

  // Of the keys, or the values, of one head.
  size_t head_bytes() const { return head_bytes_; }
  size_t head_scales_bytes() const { return head_scales_bytes_; }

  size_t k_offset(size_t layer) const { return layer * layer_bytes(); }
  size_t v_offset(size_t layer) const { return k_offset(layer) + n_kv_heads_ * head_bytes_; }
  size_t k_scales_offset(size_t layer) const { return v_offset(layer) + n_kv_heads_ * head_bytes_; }
  size_t v_scales_offset(size_t layer) const {
    return k_scales_offset(layer) + n_kv_heads_ * head_scales_bytes_;
  }

 private:
  size_t layer_bytes() const { return 2 * n_kv_heads_ * (head_bytes_ + head_scales_bytes_); }

  KvType type_;
  size_t n_layers_;
  size_t n_kv_heads_;
  size_t head_dim_;
  size_t head_bytes_;
  size_t head_scales_bytes_;
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

  KvType type() const { return layout_.type(); }
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
    return {pages_.data(), layout_.k_offset(layer), layout_.v_offset(layer),
            layout_.k_scales_offset(layer), layout_.v_scales_offset(layer)};
  }

  static size_t pages_in_use();  // by all caches

 private:
  KvPageLayout layout_;
  size_t length_ = 0;
  std::vector<uint8_t*> pages_;
};

}  // namespace sotto
