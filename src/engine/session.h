// One sequence of tokens with what the model has of them: what a generation runs on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/memory.h"
#include "base/result.h"
#include "engine/model.h"
#include "model/sequence_state.h"

namespace sotto {

class Session;

// Tokens that come next in a session, as a part of a pass.
struct SessionInput {
  Session* session;
  std::span<const int32_t> tokens;
  bool wants_all_logits;  // of each token, else of the last one
  // Tokens that are to follow in further passes. Where rotary factors depend on the length, all is
  // read with those of the whole then; else it would be read anew when the length is reached.
  size_t n_to_come = 0;
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

  // A second session with the same tokens and logits, which shares this one's state until either
  // goes on. Taps are not taken over.
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
  // Keeps of the logits last_logits() only, in memory of their own, where there is some.
  void keep_last_logits();

  // Goes back to the largest length, at most `length`, that it has without reading anything again,
  // and returns it: exactly `length` unless the model has windows or recurrent layers. Logits stay
  // when nothing is forgotten. kBadOption when `length` is more than length().
  Result<size_t> rewind(size_t length);

  // Forgets the tokens from `length` on, and reads again what rewind() would lose before them.
  // kBadOption as above; kOutOfMemory, and the session is what it was.
  Status truncate(size_t length);

  const Model& model() const { return model_; }
  const SequenceState& state() const { return state_; }

  // From the next append on.
  void set_taps(const TapOptions& options);
  // Of the last append, [n_layers + 1, n_tokens, hidden]: what enters the first layer, what leaves
  // each layer but the last, and the final norm of what leaves that. Empty where not asked for.
  std::span<const float> hidden_tap() const {
    return {tapped_.hidden.data(), tapped_.hidden.size()};
  }
  // Of the last append, [n_heads of all attention layers, n_tokens, length()]: softmax weights, 0
  // for what a token does not see.
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

  explicit Session(const Model& model) : model_(model), state_(model.layout()) {}

  static Status check(std::span<const SessionInput> inputs);
  static Result<std::shared_ptr<Buffer<float>>> logits_for(std::span<const SessionInput> inputs,
                                                           size_t n_floats);
  Status check_length(size_t length) const;
  // Makes room for the tokens in next_state() and in next_tapped_; give_up() takes it back.
  Status reserve(const SessionInput& input);
  Status reserve_taps(size_t n_tokens);
  void give_up();
  // The state that the pass under way writes to.
  SequenceState& next_state() { return reread_ ? *reread_ : state_; }

  const Model& model_;
  SequenceState state_;
  std::vector<int32_t> tokens_;
  Logits logits_;
  TapOptions taps_;
  TapBuffers tapped_;                    // of the last append
  TapBuffers next_tapped_;               // of the one under way
  std::optional<SequenceState> reread_;  // with other rotary factors, for the append under way
};

}  // namespace sotto
