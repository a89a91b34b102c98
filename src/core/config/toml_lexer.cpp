#include "core/config/toml_lexer.hpp"

#include <cstdint>
#include <optional>

#include "core/config/toml_spans.hpp"

namespace tpool::config {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_bare_key_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool append_utf8(std::string& out, std::uint32_t point) {
  if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
  return true;
}

std::optional<std::uint32_t> read_hex(std::string_view digits) {
  std::uint32_t value = 0;
  for (char c : digits) {
    value <<= 4;
    if (c >= '0' && c <= '9')
      value |= static_cast<std::uint32_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      value |= static_cast<std::uint32_t>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      value |= static_cast<std::uint32_t>(c - 'A' + 10);
    else
      return std::nullopt;
  }
  return value;
}

// At a backslash whose line holds nothing more: past the white space of this and the next lines.
std::optional<std::size_t> past_line_continuation(std::string_view body, std::size_t backslash) {
  std::size_t i = body.find_first_not_of(" \t", backslash + 1);
  if (i == std::string_view::npos) return std::nullopt;
  if (body[i] != '\n' && body.substr(i, 2) != "\r\n") return std::nullopt;
  return std::min(body.find_first_not_of(" \t\r\n", i), body.size());
}

std::optional<std::string> unescape(std::string_view body, bool multi_line) {
  std::string out;
  for (std::size_t i = 0; i < body.size();) {
    if (body[i] != '\\') {
      out += body[i++];
      continue;
    }
    if (i + 1 >= body.size()) return std::nullopt;
    const char kind = body[i + 1];
    std::size_t digits = 0;
    switch (kind) {
      case 'b': out += '\b'; break;
      case 't': out += '\t'; break;
      case 'n': out += '\n'; break;
      case 'f': out += '\f'; break;
      case 'r': out += '\r'; break;
      case '"': out += '"'; break;
      case '\\': out += '\\'; break;
      case 'u': digits = 4; break;
      case 'U': digits = 8; break;
      default: {
        const auto next = multi_line ? past_line_continuation(body, i) : std::nullopt;
        if (!next) return std::nullopt;
        i = *next;
        continue;
      }
    }
    if (digits != 0) {
      if (i + 2 + digits > body.size()) return std::nullopt;
      const auto point = read_hex(body.substr(i + 2, digits));
      if (!point || !append_utf8(out, *point)) return std::nullopt;
    }
    i += 2 + digits;
  }
  return out;
}

}  // namespace

TomlLexer::TomlLexer(std::string_view text, std::size_t at) : text_(text), at_(at) {
  if (at == 0 && text.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
}

Error TomlLexer::error_at(std::size_t offset, std::string_view message) const {
  const std::string_view before = text_.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto newline = before.rfind('\n');
  std::size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
  if (line_begin == 0 && text_.starts_with(byte_order_mark)) line_begin = byte_order_mark.size();
  const auto column = 1 + (before.size() > line_begin ? before.size() - line_begin : 0);
  return invalid(std::to_string(line) + ":" + std::to_string(column) + ": " + std::string(message));
}

void TomlLexer::skip_blanks() {
  while (!done() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
}

bool TomlLexer::skip_newline() {
  if (starts_with("\n"))
    at_ += 1;
  else if (starts_with("\r\n"))
    at_ += 2;
  else
    return false;
  return true;
}

void TomlLexer::skip_void() {
  for (;;) {
    skip_blanks();
    if (peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
    if (!skip_newline()) return;
  }
}

Result<> TomlLexer::skip_to_next_line() {
  skip_blanks();
  if (peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
  if (done() || skip_newline()) return {};
  return error_at(at_, "expected the end of the line");
}

Result<std::vector<std::string>> TomlLexer::key() {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t begin = at_;
    if (peek() == '"' || peek() == '\'') {
      const auto skipped = starts_with("\"\"\"") || starts_with("'''")
                               ? Result<>(error_at(at_, "a key cannot be a multi-line string"))
                               : skip_string();
      if (!skipped) return skipped.error();
      auto part = unquote(text_.substr(begin, at_ - begin));
      if (!part) return error_at(begin, "bad escape in a key");
      parts.push_back(std::move(*part));
    } else {
      while (!done() && is_bare_key_byte(text_[at_])) ++at_;
      if (at_ == begin) return error_at(begin, "expected a key");
      parts.emplace_back(text_.substr(begin, at_ - begin));
    }
    if (parts.size() > max_toml_depth) return error_at(begin, "nested too deeply");
    const std::size_t end = at_;
    skip_blanks();
    if (peek() != '.') {
      at_ = end;
      return parts;
    }
    ++at_;
    skip_blanks();
  }
}

Result<> TomlLexer::skip_string() {
  const std::size_t begin = at_;
  const char mark = text_[at_];
  const std::string triple(3, mark);
  const bool multi_line = starts_with(triple);
  at_ += multi_line ? 3 : 1;
  while (!done()) {
    const char c = text_[at_];
    if (c == '\\' && mark == '"') {
      advance(2);
    } else if (multi_line && starts_with(triple)) {
      at_ += 3;
      // Up to two quotes may stand right before the closing three.
      for (int extra = 0; extra < 2 && peek() == mark; ++extra) ++at_;
      return {};
    } else if (!multi_line && c == mark) {
      ++at_;
      return {};
    } else if (!multi_line && c == '\n') {
      break;
    } else {
      ++at_;
    }
  }
  return error_at(begin, "this string is not closed");
}

Result<> TomlLexer::skip_brackets() {
  const std::size_t begin = at_;
  std::string open;
  while (!done()) {
    const char c = text_[at_];
    if (c == '"' || c == '\'') {
      const auto skipped = skip_string();
      if (!skipped) return skipped.error();
      continue;
    }
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
      continue;
    }
    ++at_;
    if (c == '[' || c == '{') {
      if (open.size() == max_toml_depth) return error_at(at_ - 1, "nested too deeply");
      open += c;
    } else if (c == ']' || c == '}') {
      if (open.back() != (c == ']' ? '[' : '{'))
        return error_at(at_ - 1, "this bracket closes nothing");
      open.pop_back();
      if (open.empty()) return {};
    }
  }
  return error_at(begin, "this bracket is not closed");
}

Result<> TomlLexer::skip_value(bool nested) {
  const char c = peek();
  if (c == '"' || c == '\'') return skip_string();
  if (c == '[' || c == '{') return skip_brackets();
  const std::size_t begin = at_;
  const std::string_view stops = nested ? "#\r\n,]}" : "#\r\n";
  std::size_t end = std::min(text_.find_first_of(stops, at_), text_.size());
  while (end > begin && (text_[end - 1] == ' ' || text_[end - 1] == '\t')) --end;
  if (end == begin) return error_at(begin, "expected a value");
  at_ = end;
  return {};
}

std::optional<std::string> unquote(std::string_view token) {
  for (const std::string_view mark : {"\"\"\"", "'''"}) {
    if (token.size() < 6 || !token.starts_with(mark) || !token.ends_with(mark)) continue;
    std::string_view body = token.substr(3, token.size() - 6);
    if (body.starts_with("\r\n"))
      body.remove_prefix(2);
    else if (body.starts_with("\n"))
      body.remove_prefix(1);
    if (mark == "'''") return std::string(body);
    return unescape(body, true);
  }
  if (token.size() < 2 || token.front() != token.back()) return std::nullopt;
  const std::string_view body = token.substr(1, token.size() - 2);
  if (token.front() == '\'') return std::string(body);
  if (token.front() == '"') return unescape(body, false);
  return std::nullopt;
}

}  // namespace tpool::config
