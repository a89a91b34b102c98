// One validating pass over JSON text that tells a handler what lies where.
//
// Strict RFC 8259: syntax, UTF-8, no lone surrogates in escapes, depth at most max_depth. No
// recursion, no allocation, linear time. The handler is a template argument so that its calls
// inline; depth is the number of containers around the thing told. It has:
//
//   key(Token, depth)  string(Token, depth)  other(Token, depth)   // other: number or literal
//   open(begin, object, depth)  close(end, object, depth)
//
// What was told before a Fault was found is void. For the json room only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/plain.hpp"
#include "core/json/run.hpp"
#include "core/json/value.hpp"

namespace tpool::json {

struct Fault {
  std::size_t offset = 0;
  const char* what = "";
};

// A scalar or a name in the text; strings with their quotes.
struct Token {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool escaped = false;  // a string with at least one backslash
};

// The text a valid string token stands for; `quoted` includes the quotes.
std::string unquoted(std::string_view quoted);

// "request body is not valid JSON: ... at line 3, column 7 (byte 41)".
Error fault_error(std::string_view text, std::string_view what, const Fault& fault);

class Walker {
 public:
  explicit Walker(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  template <class Handler>
  std::optional<Fault> walk(Handler& handler);

 private:
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  char peek() const { return at_ == end_ ? '\0' : *at_; }

  void skip_space() {
    while (at_ != end_ && static_cast<unsigned char>(*at_) <= ' ') {
      if (*at_ != ' ' && *at_ != '\n' && *at_ != '\r' && *at_ != '\t') return;
      ++at_;
    }
  }
  bool fail(const char* what) {
    if (!fault_.what[0]) fault_ = {offset(), what};
    return false;
  }
  bool fail_unexpected(const char* wanted) {
    return fail(at_ == end_ ? "the text ends too early" : wanted);
  }

  // Each stands at its first byte and leaves at_ behind its last.
  bool take_string(Token& token);
  bool take_escape();
  bool take_sequences();
  bool take_number();
  bool take_scalar();
  bool take_word(std::string_view word);
  int take_hex4();

  const char* begin_;
  const char* at_;
  const char* end_;
  Fault fault_;
};

inline bool Walker::take_string(Token& token) {
  token = {offset(), 0, false};
  // A local pointer: the compiler must keep at_ in memory. Escapes of two bytes are common (code
  // is full of \n and \"), so they are passed here.
  const char* p = at_ + 1;
  const char* const longer = end_ - p > 32 ? p + 32 : end_;
  for (;;) {
    // Names and short words end within their first bytes, a prompt does not.
    if (p < longer) p = skip_plain(p, longer);
    if (p >= longer && p != end_ && *p != '"')
      p = skip_plain(skip_run(p, end_, token.escaped), end_);
    at_ = p;
    if (p == end_) return fail("the text ends inside a string");
    const auto byte = static_cast<unsigned char>(*p);
    if (byte == '"') {
      ++at_;
      token.end = offset();
      return true;
    }
    if (byte == '\\') {
      token.escaped = true;
      if (end_ - p >= 2 && is_short_escape(p[1])) {
        p += 2;
        continue;
      }
      if (!take_escape()) return false;
    } else if (byte >= 0x80) {
      if (!take_sequences()) return false;
    } else {
      return fail("a control character inside a string must be escaped");
    }
    p = at_;
  }
}

template <class Handler>
std::optional<Fault> Walker::walk(Handler& handler) {
  static_assert(max_depth % 64 == 0);
  std::array<std::uint64_t, max_depth / 64> objects{};  // one bit per open container
  std::size_t depth = 0;
  bool object = false;
  Token token;

  if (end_ - begin_ >= 3 && std::memcmp(begin_, "\xef\xbb\xbf", 3) == 0)
    return Fault{0, "a byte order mark is not part of JSON"};

value:
  skip_space();
  switch (peek()) {
    case '"':
      if (!take_string(token)) return fault_;
      handler.string(token, depth);
      goto after;
    case '{':
    case '[': {
      if (depth == max_depth) return Fault{offset(), "values nest deeper than 512 levels"};
      object = *at_ == '{';
      handler.open(offset(), object, depth);
      const std::uint64_t bit = std::uint64_t{1} << (depth % 64);
      objects[depth / 64] = object ? objects[depth / 64] | bit : objects[depth / 64] & ~bit;
      ++depth;
      ++at_;
      skip_space();
      if (peek() == (object ? '}' : ']')) goto close;
      if (object) goto key;
      goto value;
    }
    default:
      token = {offset(), 0, false};
      if (!take_scalar()) return fault_;
      token.end = offset();
      handler.other(token, depth);
      goto after;
  }

key:
  if (peek() != '"') {
    fail_unexpected("a member name in double quotes was expected");
    return fault_;
  }
  if (!take_string(token)) return fault_;
  handler.key(token, depth);
  skip_space();
  if (peek() != ':') {
    fail_unexpected("a colon was expected after the member name");
    return fault_;
  }
  ++at_;
  goto value;

close:
  ++at_;
  --depth;
  handler.close(offset(), object, depth);
  if (depth > 0) object = (objects[(depth - 1) / 64] >> ((depth - 1) % 64)) & 1;

after:
  skip_space();
  if (depth == 0) {
    if (at_ != end_) return Fault{offset(), "something follows the end of the value"};
    return std::nullopt;
  }
  if (peek() == ',') {
    ++at_;
    if (!object) goto value;
    skip_space();
    goto key;
  }
  if (peek() == (object ? '}' : ']')) goto close;
  fail_unexpected(object ? "a comma or } was expected" : "a comma or ] was expected");
  return fault_;
}

template <class Handler>
std::optional<Fault> walk(std::string_view text, Handler& handler) {
  return Walker(text).walk(handler);
}

}  // namespace tpool::json
