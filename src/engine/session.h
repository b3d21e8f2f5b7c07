// One sequence of tokens with its keys and values: what a generation runs on.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/memory.h"
#include "base/result.h"
#include "engine/model.h"
#include "model/kv_cache.h"

namespace sotto {

class Session;

// Tokens that come next in a session, as a part of a pass.
struct SessionInput {
  Session* session;
  std::span<const int32_t> tokens;
  bool wants_all_logits;  // of each token, else of the last one
};

// What a session keeps of its passes besides logits, for those who want to look inside.
struct TapOptions {
  bool hidden = false;
  bool attention = false;
};

class Session {
 public:
  // `model` is loaded and outlives the session.
  static Result<std::unique_ptr<Session>> create(const Model& model);

  // A second session with the same tokens and logits, which shares this one's pages until either
  // writes to them. Taps are not taken over.
  std::unique_ptr<Session> fork() const;

  // Runs the inputs through their model in one pass, which reads the weights once: sessions of one
  // model, each named once, with at least one token, kMostBatchRows in all. On an error nothing has
  // changed: kBadToken, kContextFull, kOutOfMemory.
  static Status append(std::span<const SessionInput> inputs);
  Status append(std::span<const int32_t> tokens, bool wants_all_logits) {
    const SessionInput input = {this, tokens, wants_all_logits};
    return append({&input, 1});
  }

  std::span<const int32_t> tokens() const { return tokens_; }
  size_t length() const { return tokens_.size(); }

  // Of the last append: [n_tokens, vocab] when it asked for all, else [1, vocab] for its last
  // token. Valid until the next append to this session or to one that was in the same pass.
  std::span<const float> logits() const { return logits_.values(); }

  // [vocab]: what follows the last token; empty when there are no logits.
  std::span<const float> last_logits() const;

  void release_logits() { logits_ = {}; }

  // Forgets the tokens from `length` on; kBadOption when it is more than length(). Logits of
  // forgotten tokens go too.
  Status truncate(size_t length);

  const Model& model() const { return model_; }
  const KvCache& cache() const { return cache_; }

  // From the next append on.
  void set_taps(const TapOptions& options);
  // Of the last append, [n_layers + 1, n_tokens, hidden]: what enters the first layer, what leaves
  // each layer but the last, and the final norm of what leaves that. Empty where not asked for.
  std::span<const float> hidden_tap() const {
    return {tapped_.hidden.data(), tapped_.hidden.size()};
  }
  // Of the last append, [n_layers, n_heads, n_tokens, length()]: softmax weights, 0 behind a token.
  std::span<const float> attention_tap() const {
    return {tapped_.attention.data(), tapped_.attention.size()};
  }

 private:
  friend class SessionReader;
  friend class SessionWriter;

  // A part of a buffer that the sessions of a pass and their forks share.
  struct Logits {
    std::shared_ptr<Buffer<float>> buffer;
    size_t begin = 0;
    size_t size = 0;
    std::span<const float> values() const {
      if (size == 0) return {};
      return {buffer->data() + begin, size};
    }
  };

  struct TapBuffers {
    Buffer<float> hidden;
    Buffer<float> attention;
    Buffer<float> scratch;
  };

  explicit Session(const Model& model) : model_(model), cache_(model.config(), model.kv_type()) {}

  static Status check(std::span<const SessionInput> inputs);
  static Result<std::shared_ptr<Buffer<float>>> logits_for(std::span<const SessionInput> inputs,
                                                           size_t n_floats);
  // Makes room for so many tokens in the cache and in next_tapped_; give_up() takes it back.
  Status reserve(size_t n_tokens);
  Status reserve_taps(size_t n_tokens);
  void give_up();

  const Model& model_;
  KvCache cache_;
  std::vector<int32_t> tokens_;
  Logits logits_;
  TapOptions taps_;
  TapBuffers tapped_;       // of the last append
  TapBuffers next_tapped_;  // of the one under way
};

}  // namespace sotto
