#include "base/hash.h"
#include "engine/session.h"

namespace sotto {

// Logits have the same bits in every variant and browser, and depend on every weight that a token
// passes: they tell models apart without a walk over all weights.
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
  const int32_t sizes[] = {static_cast<int32_t>(type_), config_.context_length, config_.n_layers,
                           config_.n_kv_heads,          config_.head_dim,       kPagePositions};
  hash.add(sizes, sizeof(sizes));
  fingerprint_ = hash.value();
  return *fingerprint_;
}

}  // namespace sotto
