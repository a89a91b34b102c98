// Checked reads over a parsed JSON document. The door to RapidJSON for everyone who only reads.
//
// Document::parse walks the text before it parses it: depth over 512, invalid UTF-8, lone
// surrogates, numbers out of range and trailing bytes are refused, and it says where. A Value is a
// view: it lives as long as its Document, never throws, and a missing member is a null Value. Any
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/json/utf8.hpp"

namespace tpool::json {

inline constexpr std::size_t max_depth = 512;

class Value {
 public:
  Value() = default;

  explicit operator bool() const { return node_ != nullptr; }  // present, and not null
  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  bool is_number() const;
  bool is_bool() const;

  Value operator[](std::string_view name) const;      // member, last one of duplicates
  Value at(std::size_t index) const;                  // element
  std::size_t size() const;                           // elements or members; 0 otherwise
  std::string_view name_at(std::size_t index) const;  // member name
  Value member_at(std::size_t index) const;

  std::optional<std::string_view> string() const;
  std::optional<std::int64_t> integer() const;  // integral numbers only
  std::optional<double> number() const;
  std::optional<bool> boolean() const;
  std::string_view string_or(std::string_view fallback) const;
  bool boolean_or(bool fallback) const;

  // This value as JSON text, members in order, no white space added.
  std::string text() const;

 private:
  friend class Document;
  explicit Value(const void* node) : node_(node) {}
  const void* node_ = nullptr;
};

class Document {
 public:
  // `what` names the text in errors: "request body", "arguments of call_1".
  static Result<Document> parse(std::string_view text, std::string_view what = "JSON");
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Value root() const;

 private:
  struct Parsed;
  explicit Document(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

// Refuses nesting deeper than max_depth without parsing. Any text; linear time, no allocation.
bool depth_ok(std::string_view text);

}  // namespace tpool::json
