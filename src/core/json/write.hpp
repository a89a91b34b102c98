// The one JSON writer: appends compact, valid JSON to a string.
//
// Commas and colons are its business; balance of begin/end is the caller's (checked in debug
// builds). Strings must be valid UTF-8. Non-finite numbers are written as null. Any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tpool::json {

class Writer {
 public:
  // Appends to `out`, which outlives the writer.
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);

  Writer& string(std::string_view text);
  Writer& integer(std::int64_t value);
  Writer& number(double value);
  Writer& boolean(bool value);
  Writer& null();
  // JSON text that is already valid, as it is.
  Writer& raw(std::string_view json);

  // key() and value in one.
  Writer& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  Writer& member(std::string_view name, const char* text) { return key(name).string(text); }
  Writer& member(std::string_view name, bool value) { return key(name).boolean(value); }
  Writer& member(std::string_view name, double value) { return key(name).number(value); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) Writer& member(std::string_view name, T value) {
    return key(name).integer(static_cast<std::int64_t>(value));
  }
  // Unknown is null.
  template <class T>
  Writer& member(std::string_view name, const std::optional<T>& value) {
    return value ? member(name, *value) : key(name).null();
  }

 private:
  void separate();
  std::string& out_;
  bool first_ = true;
  int depth_ = 0;
  bool after_key_ = false;
};

// `text` with quotes and escapes, appended.
void append_quoted(std::string& out, std::string_view text);

// The same document with two-space indentation, for people. `json` must be valid.
std::string indented(std::string_view json);

}  // namespace tpool::json
