// A TOML text under change, edited at logical places.
//
// A Place names a value as the data sees it: provider, 2, limits, rpm. The draft finds how the text
// spells that (a line, a dotted key, a [provider.limits] table, an inline table) and edits just
// there, in the same spelling. After each change it lays the text out again, so indices always
// mean the text as it is now. The text must be valid TOML. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/config/toml_spans.hpp"
#include "core/error.hpp"

namespace tpool::config {

using Place = std::vector<std::variant<std::string, std::size_t>>;

Place operator/(Place place, std::string_view name);
Place operator/(Place place, std::size_t index);
Place operator/(Place place, const KeyPath& names);
bool starts_with(const Place& place, const Place& prefix);

class TomlDraft {
 public:
  static Result<TomlDraft> open(std::string text);

  const std::string& text() const { return text_; }
  const std::string& newline() const { return layout_.newline; }

  bool has(const Place& place) const { return find(place).has_value(); }
  // Replaces the value, or adds it after the last of the keys that come before it in `order`. A
  // table missing at the top becomes a [section].
  Result<> set(const Place& place, const std::string& value, const std::vector<std::string>& order);
  // Takes the value out, and a [table] with it that says nothing more and has no comment; nothing
  // when it is not there.
  Result<> remove(const Place& place);

  // Whether the list is written as inline tables, or would be because its parent is one.
  bool is_inline_list(const Place& list) const;
  // Puts `entry` (a block, or an inline table for an inline list) at `index`. `ranks`: the lists of
  // the same parent in their order, to find the place of a list's first entry.
  Result<> insert_entry(const Place& list, std::size_t index, const std::string& entry,
                        const std::vector<std::string>& ranks);
  // Takes an entry out with its tables and the comment right above it, and answers its text.
  Result<std::string> remove_entry(const Place& list, std::size_t index);

 private:
  struct Found {
    enum class Kind { line, member, element };
    Kind kind = Kind::line;
    Span value;
    Span unit;              // the line, the member or the element
    Span container;         // the table or array it is in, unless a line
    Place parent;           // the place of the container
    std::size_t table = 0;  // whose line it is
  };

  explicit TomlDraft(std::string text) : text_(std::move(text)) {}
  Result<> lay_out();
  Result<> apply(std::vector<TextEdit> edits);
  std::string_view slice(Span span) const;

  std::optional<Found> find(const Place& place) const;
  std::optional<Found> descend(Found found, const Place& place, std::size_t at) const;
  std::optional<std::size_t> find_header(const Place& place) const;

  Span line_removal(const Found& line) const;
  Result<> replace_value(Span value, const std::string& text);
  std::optional<std::vector<TextEdit>> merge_array(Span value, const std::string& text) const;
  Span element_removal(Span array, Span element) const;
  bool insert_at(const Place& table, const KeyPath& rest, const std::string& value,
                 const std::vector<std::string>& order, Result<>& result);
  Result<> insert_line(std::size_t table, const std::string& line, const std::string& name,
                       const std::vector<std::string>& order);
  Result<> insert_section(const std::string& name, const std::string& line);
  Result<> insert_block(std::size_t offset, const std::string& block);

  bool line_is(std::size_t line_begin, bool comment) const;
  std::size_t next_line(std::size_t offset) const;
  std::size_t past_blank_lines(std::size_t offset) const;
  std::size_t before_blank_lines(std::size_t offset) const;
  std::size_t content_begin(std::size_t table) const;  // with the comment attached above
  std::size_t content_end(std::size_t table) const;    // with the comment attached below
  std::vector<std::size_t> owned_by(const Place& entry) const;
  std::vector<Span> pieces_of(const Place& entry) const;
  std::size_t anchor_for(const Place& list, const std::vector<std::string>& ranks) const;

  std::string text_;
  Layout layout_;
  std::vector<Place> places_;  // of each table of the layout
};

}  // namespace tpool::config
