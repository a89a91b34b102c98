#include "core/json/write.hpp"

#include <cassert>
#include <charconv>
#include <cmath>

#include "core/json/plain.hpp"
#include "core/json/walk.hpp"

namespace tpool::json {
namespace {

void append_escape(std::string& out, unsigned char byte) {
  switch (byte) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

// Told by the walker; writes the same tokens with line breaks between them.
class Indenter {
 public:
  Indenter(std::string_view json, std::string& out) : json_(json), out_(out) {}

  void key(const Token& token, std::size_t depth) {
    begin_item(depth);
    out_ += json_.substr(token.begin, token.end - token.begin);
    out_ += ": ";
    after_key_ = true;
  }
  void string(const Token& token, std::size_t depth) { other(token, depth); }
  void other(const Token& token, std::size_t depth) {
    begin_item(depth);
    out_ += json_.substr(token.begin, token.end - token.begin);
    first_ = false;
  }
  void open(std::size_t, bool object, std::size_t depth) {
    begin_item(depth);
    out_ += object ? '{' : '[';
    first_ = true;
  }
  void close(std::size_t, bool object, std::size_t depth) {
    if (!first_) new_line(depth);
    out_ += object ? '}' : ']';
    first_ = false;
  }

 private:
  void begin_item(std::size_t depth) {
    if (!after_key_ && depth > 0) {
      if (!first_) out_ += ',';
      new_line(depth);
    }
    after_key_ = false;
    first_ = false;
  }
  void new_line(std::size_t depth) {
    out_ += '\n';
    out_.append(depth * 2, ' ');
  }

  std::string_view json_;
  std::string& out_;
  bool first_ = true;
  bool after_key_ = false;
};

}  // namespace

void Writer::separate() {
  if (after_key_)
    after_key_ = false;
  else if (!first_)
    out_ += ',';
  first_ = false;
}

Writer& Writer::begin_object() {
  separate();
  out_ += '{';
  first_ = true;
  ++depth_;
  return *this;
}

Writer& Writer::end_object() {
  assert(depth_ > 0 && !after_key_);
  --depth_;
  out_ += '}';
  first_ = false;
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  out_ += '[';
  first_ = true;
  ++depth_;
  return *this;
}

Writer& Writer::end_array() {
  assert(depth_ > 0 && !after_key_);
  --depth_;
  out_ += ']';
  first_ = false;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  append_quoted(out_, name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

Writer& Writer::string(std::string_view text) {
  separate();
  append_quoted(out_, text);
  return *this;
}

Writer& Writer::integer(std::int64_t value) {
  separate();
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out_.append(digits, end);
  return *this;
}

Writer& Writer::number(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  char digits[40];  // the shortest text that reads back as the same double
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out_.append(digits, end);
  return *this;
}

Writer& Writer::boolean(bool value) { return raw(value ? "true" : "false"); }

Writer& Writer::null() { return raw("null"); }

Writer& Writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    const char* const plain = skip_plain(p, end);
    out.append(p, plain);
    for (p = plain; p != end && !is_plain(static_cast<unsigned char>(*p)); ++p) {
      const auto byte = static_cast<unsigned char>(*p);
      if (byte >= 0x80)
        out += *p;
      else
        append_escape(out, byte);
    }
  }
  out += '"';
}

std::string indented(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 2);
  Indenter indenter(json, out);
  walk(json, indenter);
  return out;
}

}  // namespace tpool::json
