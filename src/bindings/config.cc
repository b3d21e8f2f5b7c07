#include "bindings/config.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/decoder_config_fields.h"

namespace sotto {
namespace {

using emscripten::val;

// Lists longer than this are no lists of a model.
constexpr double kMostEntries = 1 << 16;

std::string number_text(double value) { return val(value).call<std::string>("toString"); }

// Reads the fields of one object. The first problem stays, and ends the reading.
class FieldReader {
 public:
  FieldReader(val object, std::string path, std::optional<Error>* problem)
      : object_(std::move(object)), path_(std::move(path)), problem_(problem) {}

  template <typename T>
  void read(T& value) {
    if (!is_object(object_)) return fail(path_.empty() ? "the config" : path_, "must be an object");
    visit_fields(*this, value);
    check_names();
  }

  void integer(const char* name, int32_t& value, int32_t least, int32_t most) {
    read_integer(field(name), place(name), value, least, most);
  }

  void number(const char* name, float& value, float least, float most) {
    read_number(field(name), place(name), value, least, most);
  }

  void flag(const char* name, bool& value) {
    const val given = field(name);
    if (!given.isTrue() && !given.isFalse()) return fail(place(name), "must be true or false");
    value = given.isTrue();
  }

  template <typename T>
  void word(const char* name, T& value) {
    const auto index = find_word(field(name), Words<T>::kList);
    if (!index) return fail(place(name), "must be one of: " + all_of(Words<T>::kList));
    value = static_cast<T>(*index);
  }

  template <typename T>
  void object(const char* name, T& value) {
    FieldReader(field(name), place(name), problem_).read(value);
  }

  template <typename T>
  void optional(const char* name, std::optional<T>& value) {
    const val given = field(name);
    if (given.isNull()) return value.reset();
    FieldReader(given, place(name), problem_).read(value.emplace());
  }

  template <typename T>
  void one_of(const char* name, T& value) {
    const val given = field(name);
    const auto& types = Types<T>::kList;
    if (given.isNull() && *types[0] == 0) return;
    if (!is_object(given)) return fail(place(name), "must be an object");
    const auto index = find_word(given["type"], types);
    if (!index) return fail(place(name) + ".type", "must be one of: " + all_of(types));
    FieldReader reader(given, place(name), problem_);
    reader.names_.emplace_back("type");
    reader.read_alternative(*index, value, std::make_index_sequence<std::variant_size_v<T>>());
  }

  template <typename T>
  void list(const char* name, std::vector<T>& values) {
    const val given = field(name);
    const double size =
        given.isArray() || is_typed_array(given) ? given["length"].as<double>() : -1;
    if (size < 0 || size > kMostEntries) return fail(place(name), "must be a list");
    for (uint32_t i = 0; i < static_cast<uint32_t>(size); ++i) {
      read_entry(given[i], place(name) + "[" + std::to_string(i) + "]", values.emplace_back());
    }
  }

 private:
  template <typename T>
  void read_entry(const val& given, const std::string& where, T& value) {
    FieldReader(given, where, problem_).read(value);
  }
  void read_entry(const val& given, const std::string& where, int32_t& value) {
    read_integer(given, where, value, 0, kMaxLayers);
  }
  void read_entry(const val& given, const std::string& where, float& value) {
    read_number(given, where, value, kLeastFactor, kMostFactor);
  }

  void read_integer(const val& given, const std::string& where, int32_t& value, int32_t least,
                    int32_t most) {
    const double number = given.isNumber() ? given.as<double>() : NAN;
    if (number >= least && number <= most && number == std::floor(number)) {
      value = static_cast<int32_t>(number);
      return;
    }
    fail(where, "must be a whole number from " + std::to_string(least) + " to " +
                    std::to_string(most) + shown(given));
  }

  void read_number(const val& given, const std::string& where, float& value, float least,
                   float most) {
    value = given.isNumber() ? static_cast<float>(given.as<double>()) : NAN;
    if (value >= least && value <= most) return;
    fail(where,
         "must be a number from " + number_text(least) + " to " + number_text(most) + shown(given));
  }

  template <typename T, size_t... i>
  void read_alternative(size_t index, T& value, std::index_sequence<i...>) {
    (void)((index == i && (read(value.template emplace<i>()), true)) || ...);
  }

  static std::string shown(const val& given) {
    return given.isNumber() ? "; it is " + number_text(given.as<double>()) : "";
  }

  static bool is_object(const val& given) {
    return !given.isNull() && given.typeOf().as<std::string>() == "object" && !given.isArray();
  }
  static bool is_typed_array(const val& given) {
    return is_object(given) && given["BYTES_PER_ELEMENT"].isNumber();
  }

  template <size_t n>
  static std::optional<size_t> find_word(const val& given,
                                         const std::array<const char*, n>& words) {
    if (!given.isString()) return std::nullopt;
    const auto text = given.as<std::string>();
    for (size_t i = 0; i < n; ++i) {
      if (text == words[i] && !text.empty()) return i;
    }
    return std::nullopt;
  }

  template <size_t n>
  static std::string all_of(const std::array<const char*, n>& words) {
    std::string text;
    for (const char* word : words) {
      if (*word != 0) text += (text.empty() ? "" : ", ") + std::string(word);
    }
    return text;
  }

  val field(const char* name) {
    names_.emplace_back(name);
    return object_[name];
  }
  std::string place(const char* name) const { return path_.empty() ? name : path_ + "." + name; }

  void check_names() {
    const val keys = val::global("Object").call<val>("keys", object_);
    const auto n_keys = keys["length"].as<uint32_t>();
    for (uint32_t i = 0; i < n_keys; ++i) {
      const auto key = keys[i].as<std::string>();
      if (std::find(names_.begin(), names_.end(), key) != names_.end()) continue;
      return fail(place(key.substr(0, 80).c_str()), "is unknown");
    }
  }

  void fail(const std::string& where, const std::string& what) {
    if (!*problem_) *problem_ = Error{ErrorCode::kBadConfig, where + " " + what + "."};
  }

  val object_;
  std::string path_;
  std::optional<Error>* problem_;
  std::vector<std::string> names_;  // of the fields that there may be
};

}  // namespace

Result<DecoderConfig> read_config(const ConfigObject& object) {
  DecoderConfig config;
  std::optional<Error> problem;
  FieldReader(object, "", &problem).read(config);
  if (problem) return *problem;
  return config;
}

}  // namespace sotto
