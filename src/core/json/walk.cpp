#include "core/json/walk.hpp"

#include "core/json/scan.hpp"

namespace tpool::json {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What the letter after a backslash stands for; 0 when there is no such escape.
char simple_escape(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/': return letter;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

unsigned hex4(const char* p) {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) value = value << 4 | static_cast<unsigned>(hex_digit(p[i]));
  return value;
}

}  // namespace

int Walker::take_hex4() {
  int value = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const int digit = hex_digit(peek());
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

bool Walker::take_escape() {
  const char* const backslash = at_++;
  if (at_ == end_) return fail("the text ends inside a string");
  if (simple_escape(*at_)) {
    ++at_;
    return true;
  }
  const auto fail_here = [&](const char* what) {
    at_ = backslash;
    return fail(what);
  };
  if (*at_ != 'u') return fail_here("there is no such escape in JSON");
  ++at_;
  const int unit = take_hex4();
  if (unit < 0) return fail_here("\\u needs four hexadecimal digits");
  if (unit < 0xd800 || unit > 0xdfff) return true;
  constexpr const char* lone = "half of a surrogate pair stands alone";
  if (unit > 0xdbff || end_ - at_ < 6 || at_[0] != '\\' || at_[1] != 'u') return fail_here(lone);
  at_ += 2;
  const int low = take_hex4();
  if (low < 0xdc00 || low > 0xdfff) return fail_here(lone);
  return true;
}

bool Walker::take_sequences() {
  while (at_ != end_ && static_cast<unsigned char>(*at_) >= 0x80) {
    const std::size_t length = utf8_length(at_, end_);
    if (length == 0) return fail("the bytes are not valid UTF-8");
    at_ += length;
  }
  return true;
}

bool Walker::take_number() {
  if (peek() == '-') ++at_;
  if (!is_digit(peek())) return fail_unexpected("a digit was expected");
  if (*at_ == '0') {
    ++at_;
    if (is_digit(peek())) return fail("a number must not start with 0");
  } else {
    while (is_digit(peek())) ++at_;
  }
  if (peek() == '.') {
    ++at_;
    if (!is_digit(peek())) return fail_unexpected("a digit was expected after the point");
    while (is_digit(peek())) ++at_;
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    if (!is_digit(peek())) return fail_unexpected("a digit was expected in the exponent");
    while (is_digit(peek())) ++at_;
  }
  return true;
}

bool Walker::take_word(std::string_view word) {
  const std::string_view left(at_, static_cast<std::size_t>(end_ - at_));
  if (left.substr(0, word.size()) != word) return fail_unexpected("a value was expected");
  at_ += word.size();
  return true;
}

bool Walker::take_scalar() {
  switch (peek()) {
    case 't': return take_word("true");
    case 'f': return take_word("false");
    case 'n': return take_word("null");
    default:
      if (peek() == '-' || is_digit(peek())) return take_number();
      return fail_unexpected("a value was expected");
  }
}

std::string unquoted(std::string_view quoted) {
  const std::string_view raw = quoted.substr(1, quoted.size() - 2);
  auto backslash = raw.find('\\');
  if (backslash == std::string_view::npos) return std::string(raw);
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size(); backslash = raw.find('\\', at)) {
    out.append(raw, at, backslash - at);
    if (backslash == std::string_view::npos) break;
    const char letter = raw[backslash + 1];
    at = backslash + 2;
    if (letter != 'u') {
      out += simple_escape(letter);
      continue;
    }
    unsigned code = hex4(raw.data() + at);
    at += 4;
    if (code >= 0xd800 && code <= 0xdbff) {
      code = 0x10000 + ((code - 0xd800) << 10) + (hex4(raw.data() + at + 2) - 0xdc00);
      at += 6;
    }
    append_utf8(out, code);
  }
  return out;
}

Error fault_error(std::string_view text, std::string_view what, const Fault& fault) {
  const Place place = place_of(text, fault.offset);
  return invalid(std::string(what) + " is not valid JSON: " + fault.what + " at line " +
                 std::to_string(place.line) + ", column " + std::to_string(place.column) +
                 " (byte " + std::to_string(fault.offset) + ")");
}

}  // namespace tpool::json
