#include <cstdint>
#include <cstring>

#include "base/hash.h"
#include "engine/session.h"
#include "model/decoder_config_fields.h"

namespace sotto {
namespace {

// Walks over every field of a config (decoder_config_fields.h).
class ConfigHasher {
 public:
  explicit ConfigHasher(Hash* hash) : hash_(hash) {}

  void integer(const char*, int32_t value, int32_t, int32_t) { add(value); }
  void number(const char*, float value, float, float) { add(value); }
  void flag(const char*, bool value) { add<int32_t>(value ? 1 : 0); }
  void word(const char*, auto value) { add(static_cast<int32_t>(value)); }
  void object(const char*, const auto& value) { visit_fields(*this, value); }
  void optional(const char*, const auto& value) {
    add<int32_t>(value ? 1 : 0);
    if (value) visit_fields(*this, *value);
  }
  void one_of(const char*, const auto& value) {
    add(static_cast<int32_t>(value.index()));
    std::visit([this](const auto& alternative) { visit_fields(*this, alternative); }, value);
  }
  template <typename T>
  void list(const char*, const std::vector<T>& values) {
    add(static_cast<int32_t>(values.size()));
    for (const T& value : values) entry(value);
  }

 private:
  template <typename T>
  void add(T value) {
    hash_->add(&value, sizeof(value));
  }
  void entry(int32_t value) { add(value); }
  void entry(float value) { add(value); }
  void entry(const auto& value) { visit_fields(*this, value); }

  Hash* hash_;
};

}  // namespace

// Logits have the same bits in every variant and browser, and depend on every weight that a token
// passes: they tell models apart without a walk over all weights. What a short probe does not reach
// is in the config, and in the table of positions.
Result<uint64_t> Model::fingerprint() const {
  if (fingerprint_) return *fingerprint_;
  auto session = Session::create(*this);
  if (!session.is_ok()) return session.error();
  const int32_t last = config_.vocab_size - 1;
  const int32_t probe[] = {0, last / 2, last};
  const size_t n_tokens = config_.context_length < 3 ? 1 : 3;
  SOTTO_RETURN_IF_ERROR(session.value()->append({probe, n_tokens}, false));
  Hash hash;
  const auto logits = session.value()->logits();
  hash.add(logits.data(), logits.size_bytes());
  const Buffer<float>& positions = weights_.position_embedding.values;
  hash.add(positions.data(), positions.size() * sizeof(float));
  ConfigHasher hasher(&hash);
  visit_fields(hasher, config_);
  const int32_t kept[] = {static_cast<int32_t>(type_), static_cast<int32_t>(kPagePositions)};
  hash.add(kept, sizeof(kept));
  fingerprint_ = hash.value();
  return *fingerprint_;
}

}  // namespace sotto
