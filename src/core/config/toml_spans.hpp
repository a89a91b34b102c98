// Where the tables and keys of a TOML text begin and end, and edits at those places.
//
// A lexer over the text, not a parser: it never changes a byte it was not asked to. Understands
// comments, CRLF, bare/quoted/dotted keys, all four string kinds, nested arrays and inline tables.
// The text must already be valid TOML (config/toml checks). Offsets are bytes. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace tpool::config {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;  // one past the last byte
};

using KeyPath = std::vector<std::string>;  // unquoted parts

struct KeySpan {
  KeyPath path;  // as written, relative to its table: a.b = 1 gives {a, b}
  Span line;     // from the key's first byte's line start to past the line end of its value
  Span key;
  Span value;  // the value alone, without comment
};

struct TableSpan {
  KeyPath path;           // {} for the root
  bool is_array = false;  // [[path]]
  std::size_t index = 0;  // which element of the array of tables, from 0
  Span header;            // the header's line; empty for the root
  Span body;              // from past the header line to the next header or the end
  std::vector<KeySpan> keys;
};

struct Layout {
  std::vector<TableSpan> tables;  // in order of text; the first is the root
  std::string newline;            // "\n" or "\r\n", whichever the text uses (default "\n")
};

// Fails (invalid, beginning "LINE:COLUMN: ") when the text cannot be TOML or nests too deeply.
Result<Layout> layout(std::string_view text);

// The key with this full path (its table's path and its own), outside arrays of tables and inline
// tables; nullptr when the text has none.
const KeySpan* find_key(const Layout& layout, const KeyPath& full_path);
// The plain table [path]; nullptr when no such header is there.
const TableSpan* find_table(const Layout& layout, const KeyPath& path);

// The elements of an array, and the members of an inline table, whose value is at `value`. A
// member's `line` runs from its key to the end of its value. Empty for any other value.
std::vector<Span> array_elements(std::string_view text, Span value);
std::vector<KeySpan> inline_members(std::string_view text, Span value);

struct TextEdit {
  Span span;  // replaced; empty span inserts
  std::string text;
};

// Applies edits (any order, not overlapping) in one pass.
std::string apply_edits(std::string_view text, std::vector<TextEdit> edits);

// The text a string token (any of the four kinds) stands for; nullopt when it is no string.
std::optional<std::string> unquote(std::string_view token);

// A string as a TOML basic string with quotes; a key bare when it can be, quoted otherwise.
std::string quote(std::string_view text);
std::string key_text(std::string_view key);

}  // namespace tpool::config
