#include "core/config/toml_spans.hpp"

#include <algorithm>
#include <map>

#include "core/config/toml_lexer.hpp"

namespace tpool::config {
namespace {

std::string_view slice(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

// Counts elements of arrays of tables; a new element starts its nested arrays again.
class ElementCounter {
 public:
  std::size_t next(const KeyPath& path) {
    std::erase_if(counts_, [&](const auto& entry) {
      return entry.first.size() > path.size() &&
             std::equal(path.begin(), path.end(), entry.first.begin());
    });
    return counts_[path]++;
  }

 private:
  std::map<KeyPath, std::size_t> counts_;
};

Result<KeySpan> read_pair(TomlLexer& lexer, bool nested) {
  KeySpan pair;
  pair.key.begin = lexer.at();
  auto path = lexer.key();
  if (!path) return path.error();
  pair.path = std::move(*path);
  pair.key.end = lexer.at();
  lexer.skip_blanks();
  if (lexer.peek() != '=') return lexer.error_at(lexer.at(), "expected = after the key");
  lexer.advance(1);
  lexer.skip_blanks();
  pair.value.begin = lexer.at();
  const auto skipped = lexer.skip_value(nested);
  if (!skipped) return skipped.error();
  pair.value.end = lexer.at();
  return pair;
}

Result<TableSpan> read_header(TomlLexer& lexer, std::size_t line_begin, ElementCounter& counter) {
  TableSpan table;
  table.is_array = lexer.starts_with("[[");
  const std::string_view closing = table.is_array ? "]]" : "]";
  lexer.advance(closing.size());
  lexer.skip_blanks();
  auto path = lexer.key();
  if (!path) return path.error();
  table.path = std::move(*path);
  lexer.skip_blanks();
  if (!lexer.starts_with(closing))
    return lexer.error_at(lexer.at(), "expected " + std::string(closing) + " after the table name");
  lexer.advance(closing.size());
  const auto ended = lexer.skip_to_next_line();
  if (!ended) return ended.error();
  if (table.is_array) table.index = counter.next(table.path);
  table.header = {line_begin, lexer.at()};
  table.body = {lexer.at(), lexer.at()};
  return table;
}

std::string pick_newline(std::string_view text) {
  std::size_t all = 0;
  std::size_t crlf = 0;
  for (std::size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1)) {
    ++all;
    if (i > 0 && text[i - 1] == '\r') ++crlf;
  }
  return crlf * 2 > all ? "\r\n" : "\n";
}

}  // namespace

Result<Layout> layout(std::string_view text) {
  Layout result;
  result.newline = pick_newline(text);
  TomlLexer lexer(text);
  ElementCounter counter;
  TableSpan table;
  table.header = {lexer.at(), lexer.at()};
  table.body = {lexer.at(), lexer.at()};
  while (!lexer.done()) {
    const std::size_t line_begin = lexer.at();
    lexer.skip_blanks();
    if (lexer.peek() == '[') {
      auto next = read_header(lexer, line_begin, counter);
      if (!next) return next.error();
      table.body.end = line_begin;
      result.tables.push_back(std::move(table));
      table = std::move(*next);
      continue;
    }
    if (lexer.peek() != '#' && lexer.peek() != '\n' && lexer.peek() != '\r' && !lexer.done()) {
      auto pair = read_pair(lexer, false);
      if (!pair) return pair.error();
      table.keys.push_back(std::move(*pair));
      table.keys.back().line.begin = line_begin;
    }
    const bool has_key = !table.keys.empty() && table.keys.back().line.end == 0;
    const auto ended = lexer.skip_to_next_line();
    if (!ended) return ended.error();
    if (has_key) table.keys.back().line.end = lexer.at();
  }
  table.body.end = text.size();
  result.tables.push_back(std::move(table));
  return result;
}

const KeySpan* find_key(const Layout& layout, const KeyPath& full_path) {
  for (const TableSpan& table : layout.tables) {
    // Below an array of tables the same path means several places; those are not named by path.
    const bool below_array =
        std::any_of(layout.tables.begin(), layout.tables.end(), [&](const TableSpan& other) {
          return other.is_array && other.path.size() <= table.path.size() &&
                 std::equal(other.path.begin(), other.path.end(), table.path.begin());
        });
    if (below_array || table.path.size() >= full_path.size() ||
        !std::equal(table.path.begin(), table.path.end(), full_path.begin()))
      continue;
    const KeyPath rest(full_path.begin() + static_cast<std::ptrdiff_t>(table.path.size()),
                       full_path.end());
    for (const KeySpan& key : table.keys)
      if (key.path == rest) return &key;
  }
  return nullptr;
}

const TableSpan* find_table(const Layout& layout, const KeyPath& path) {
  for (const TableSpan& table : layout.tables)
    if (!table.is_array && table.path == path) return &table;
  return nullptr;
}

std::vector<Span> array_elements(std::string_view text, Span value) {
  std::vector<Span> elements;
  if (!slice(text, value).starts_with('[')) return elements;
  TomlLexer lexer(text.substr(0, value.end), value.begin);
  lexer.advance(1);
  for (;;) {
    lexer.skip_void();
    if (lexer.done() || lexer.peek() == ']') return elements;
    const std::size_t begin = lexer.at();
    if (!lexer.skip_value(true)) return elements;
    elements.push_back({begin, lexer.at()});
    lexer.skip_void();
    if (lexer.peek() == ',') lexer.advance(1);
  }
}

std::vector<KeySpan> inline_members(std::string_view text, Span value) {
  std::vector<KeySpan> members;
  if (!slice(text, value).starts_with('{')) return members;
  TomlLexer lexer(text.substr(0, value.end), value.begin);
  lexer.advance(1);
  for (;;) {
    lexer.skip_void();
    if (lexer.done() || lexer.peek() == '}') return members;
    auto pair = read_pair(lexer, true);
    if (!pair) return members;
    pair->line = {pair->key.begin, pair->value.end};
    members.push_back(std::move(*pair));
    lexer.skip_void();
    if (lexer.peek() == ',') lexer.advance(1);
  }
}

std::string apply_edits(std::string_view text, std::vector<TextEdit> edits) {
  // An insertion goes before a replacement that begins at the same byte.
  std::stable_sort(edits.begin(), edits.end(), [](const TextEdit& a, const TextEdit& b) {
    return std::pair(a.span.begin, a.span.end) < std::pair(b.span.begin, b.span.end);
  });
  std::string out;
  std::size_t copied = 0;
  for (const TextEdit& edit : edits) {
    if (edit.span.begin > copied) out += text.substr(copied, edit.span.begin - copied);
    out += edit.text;
    copied = std::max(copied, edit.span.end);
  }
  if (copied < text.size()) out += text.substr(copied);
  return out;
}

std::string quote(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default:
        if (byte < 0x20 || byte == 0x7F)
          out += {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
        else
          out += c;
    }
  }
  return out + '"';
}

std::string key_text(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? std::string(key) : quote(key);
}

}  // namespace tpool::config
