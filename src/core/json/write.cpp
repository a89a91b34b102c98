#include "core/json/write.hpp"

#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <cmath>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/json/walk.hpp"

namespace tpool::json {
namespace {

// The letter after the backslash for a byte that must be escaped, 'u' for \u00XX; 0 for none.
constexpr auto escapes = [] {
  std::array<char, 256> table{};
  for (std::size_t byte = 0; byte < 0x20; ++byte) table[byte] = 'u';
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  return table;
}();
constexpr std::size_t longest_escape = 6;

char* write_escape(char* out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  *out++ = '\\';
  *out++ = escapes[byte];
  if (escapes[byte] != 'u') return out;
  *out++ = '0';
  *out++ = '0';
  *out++ = digits[byte >> 4];
  *out++ = digits[byte & 15];
  return out;
}

// Writes `text` escaped from `out` on, where there is room for the worst; returns the end.
char* write_escaped(char* out, std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1f);
  while (end - p >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    // Stored whole; what comes after a byte to escape is written over.
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
    const __m128i hit =
        _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit));
    const auto plain = mask == 0 ? 16 : std::countr_zero(mask);
    p += plain;
    out += plain;
    if (mask != 0) out = write_escape(out, static_cast<unsigned char>(*p++));
  }
#endif
  for (; p != end; ++p) {
    const auto byte = static_cast<unsigned char>(*p);
    if (escapes[byte])
      out = write_escape(out, byte);
    else
      *out++ = *p;
  }
  return out;
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
  constexpr std::size_t most = 512;
  char piece[most * longest_escape];
  out += '"';
  while (!text.empty()) {
    const auto part = text.substr(0, most);
    out.append(piece, write_escaped(piece, part));
    text.remove_prefix(part.size());
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
