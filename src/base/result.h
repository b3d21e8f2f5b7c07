// How bad input is reported: a Status or a Result is returned, and must be looked at. There are no
// exceptions.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace sotto {

// The reasons for which the engine refuses. Each has one public name, given in bindings/embind.cc.
enum class ErrorCode {
  kBadConfig,
  kUnsupportedModel,
  kBadTensor,
  kMissingTensor,
  kOutOfMemory,
  kContextFull,
  kBadToken,
  kBadOption,
  kNoLogits,
  kBadSession,
  kNotFinite,
  kUnreadable,
};

// What was wrong, with the numbers, and where it helps what to do.
struct Error {
  ErrorCode code;
  std::string message;
};

// Success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}

  bool is_ok() const { return !error_.has_value(); }
  const Error& error() const {
    SOTTO_CHECK(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

// A T, or an Error.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : value_(std::move(error)) {}

  bool is_ok() const { return std::holds_alternative<T>(value_); }
  T& value() {
    SOTTO_CHECK(is_ok());
    return *std::get_if<T>(&value_);
  }
  const Error& error() const {
    SOTTO_CHECK(!is_ok());
    return *std::get_if<Error>(&value_);
  }

 private:
  std::variant<T, Error> value_;
};

}  // namespace sotto

// Returns from the enclosing function when `expression`, a Status, holds an error.
#define SOTTO_RETURN_IF_ERROR(expression)                                      \
  do {                                                                         \
    if (auto status_ = (expression); !status_.is_ok()) return status_.error(); \
  } while (false)
