// The part of TomlDraft that puts in and takes out whole entries of lists.
#include <algorithm>

#include "core/config/toml_draft.hpp"

namespace tpool::config {

bool TomlDraft::is_inline_list(const Place& list) const {
  return has(list) || (list.size() > 1 && has(Place(list.begin(), list.end() - 1)));
}

std::size_t TomlDraft::next_line(std::size_t offset) const {
  const auto end = text_.find('\n', offset);
  return end == std::string::npos ? text_.size() : end + 1;
}

// Whether the line is a comment and nothing else, or blank when `comment` is not asked for.
bool TomlDraft::line_is(std::size_t line_begin, bool comment) const {
  const auto first = text_.find_first_not_of(" \t", line_begin);
  const char c = first == std::string::npos ? '\n' : text_[first];
  return comment ? c == '#' : c == '\n' || c == '\r';
}

std::size_t TomlDraft::past_blank_lines(std::size_t offset) const {
  while (offset < text_.size() && line_is(offset, false)) offset = next_line(offset);
  return offset;
}

std::size_t TomlDraft::before_blank_lines(std::size_t offset) const {
  const std::size_t start = layout_.tables[0].body.begin;
  while (offset > start) {
    const auto newline = offset < 2 ? std::string::npos : text_.rfind('\n', offset - 2);
    const std::size_t begin = newline == std::string::npos ? start : newline + 1;
    if (!line_is(begin, false)) break;
    offset = begin;
  }
  return offset;
}

std::size_t TomlDraft::content_begin(std::size_t table) const {
  const std::size_t header = layout_.tables[table].header.begin;
  if (table == 0) return header;
  const TableSpan& before = layout_.tables[table - 1];
  std::size_t line = before.keys.empty() ? before.header.end : before.keys.back().line.end;
  // Comment lines that run down to the header without a gap belong to it.
  std::size_t begin = header;
  for (bool open = false; line < header; line = next_line(line)) {
    if (!line_is(line, true)) {
      open = false;
      begin = header;
    } else if (!open) {
      open = true;
      begin = line;
    }
  }
  return begin;
}

std::size_t TomlDraft::content_end(std::size_t table) const {
  const TableSpan& span = layout_.tables[table];
  const bool last = table + 1 == layout_.tables.size();
  const std::size_t limit = last ? text_.size() : content_begin(table + 1);
  // What stands above the first table heads the file; all of it stays above.
  if (table == 0) return before_blank_lines(limit);
  std::size_t end = span.keys.empty() ? span.header.end : span.keys.back().line.end;
  while (end < limit && line_is(end, true)) end = next_line(end);
  return std::min(end, limit);
}

std::vector<std::size_t> TomlDraft::owned_by(const Place& entry) const {
  std::vector<std::size_t> tables;
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (starts_with(places_[i], entry)) tables.push_back(i);
  return tables;
}

// The stretches of text an entry takes: one, unless tables of others stand between its own.
std::vector<Span> TomlDraft::pieces_of(const Place& entry) const {
  std::vector<Span> pieces;
  std::size_t previous = 0;
  for (const std::size_t table : owned_by(entry)) {
    if (!pieces.empty() && table == previous + 1)
      pieces.back().end = content_end(table);
    else
      pieces.push_back({content_begin(table), content_end(table)});
    previous = table;
  }
  return pieces;
}

// The table after which the first entry of a list goes: the last one of its parent that is not
// part of a later list.
std::size_t TomlDraft::anchor_for(const Place& list, const std::vector<std::string>& ranks) const {
  const Place parent(list.begin(), list.end() - 1);
  const auto rank_at = [&](const Place& place) -> std::ptrdiff_t {
    const auto* name = std::get_if<std::string>(&place[parent.size()]);
    return name == nullptr ? -1 : std::find(ranks.begin(), ranks.end(), *name) - ranks.begin();
  };
  const std::ptrdiff_t own = rank_at(list);
  std::size_t anchor = 0;
  for (const std::size_t table : owned_by(parent)) {
    const Place& place = places_[table];
    const bool in_list = place.size() > parent.size() + 1 &&
                         std::holds_alternative<std::size_t>(place[parent.size() + 1]);
    if (!in_list || rank_at(place) <= own) anchor = table;
  }
  return anchor;
}

Result<> TomlDraft::insert_block(std::size_t offset, const std::string& block) {
  const std::size_t start = layout_.tables[0].body.begin;
  std::string text;
  if (offset > start) {
    if (text_[offset - 1] != '\n') text += newline();
    if (before_blank_lines(offset) == offset) text += newline();
  }
  text += block;
  if (!block.ends_with('\n')) text += newline();
  if (offset < text_.size() && !line_is(offset, false)) text += newline();
  return apply({{{offset, offset}, text}});
}

Result<> TomlDraft::insert_section(const std::string& name, const std::string& line) {
  // Sections stand above all lists, [settings] above [pool].
  const auto settings = find_header(Place{} / "settings");
  const std::size_t anchor = name != "settings" && settings ? *settings : 0;
  return insert_block(content_end(anchor), "[" + name + "]" + newline() + line + newline());
}

Result<> TomlDraft::insert_entry(const Place& list, std::size_t index, const std::string& entry,
                                 const std::vector<std::string>& ranks) {
  if (const auto found = find(list)) {
    const auto elements = array_elements(text_, found->value);
    if (elements.empty()) return apply({{found->value, "[" + entry + "]"}});
    if (index == 0) return apply({{{elements[0].begin, elements[0].begin}, entry + ", "}});
    const std::size_t at = elements[std::min(index, elements.size()) - 1].end;
    return apply({{{at, at}, ", " + entry}});
  }
  if (is_inline_list(list)) return set(list, "[" + entry + "]", {});
  if (index > 0) {
    const auto before = owned_by(list / (index - 1));
    if (before.empty()) return Error{Code::internal, "the store's text lacks an entry"};
    return insert_block(content_end(before.back()), entry);
  }
  if (const auto first = find_header(list / std::size_t{0}))
    return insert_block(content_begin(*first), entry);
  return insert_block(content_end(anchor_for(list, ranks)), entry);
}

Result<std::string> TomlDraft::remove_entry(const Place& list, std::size_t index) {
  const Place entry = list / index;
  if (const auto found = find(entry)) {
    std::string text(slice(found->unit));
    const auto removed = remove(entry);
    if (!removed) return removed.error();
    return text;
  }
  std::string text;
  std::vector<TextEdit> edits;
  for (const Span& piece : pieces_of(entry)) {
    if (!text.empty()) text += newline();
    text += slice(piece);
    if (!text.ends_with('\n')) text += newline();
    Span gone{piece.begin, past_blank_lines(piece.end)};
    if (gone.end == text_.size()) gone.begin = before_blank_lines(gone.begin);
    edits.push_back({gone, ""});
  }
  if (edits.empty()) return Error{Code::internal, "the store's text lacks an entry"};
  const auto applied = apply(std::move(edits));
  if (!applied) return applied.error();
  return text;
}

}  // namespace tpool::config
