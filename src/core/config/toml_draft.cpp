#include "core/config/toml_draft.hpp"

#include <algorithm>
#include <map>

namespace tpool::config {
namespace {

// Whether `names` stand in `place` from `at` on.
bool names_at(const Place& place, std::size_t at, const KeyPath& names) {
  if (place.size() < at + names.size()) return false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto* name = std::get_if<std::string>(&place[at + i]);
    if (name == nullptr || *name != names[i]) return false;
  }
  return true;
}

Place first_steps(const Place& place, std::size_t count) {
  return Place(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(count));
}

// The names from `at` to the end; nullopt when an index is among them.
std::optional<KeyPath> names_from(const Place& place, std::size_t at) {
  KeyPath names;
  for (std::size_t i = at; i < place.size(); ++i) {
    const auto* name = std::get_if<std::string>(&place[i]);
    if (name == nullptr) return std::nullopt;
    names.push_back(*name);
  }
  return names;
}

// a = { b = value } for {a, b}.
std::string nested_pair(const KeyPath& names, const std::string& value) {
  std::string text = value;
  for (std::size_t i = names.size(); i-- > 1;)
    text = "{ " + key_text(names[i]) + " = " + text + " }";
  return key_text(names[0]) + " = " + text;
}

std::size_t rank_of(const std::vector<std::string>& order, const std::string& name) {
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), name) - order.begin());
}

}  // namespace

Place operator/(Place place, std::string_view name) {
  place.emplace_back(std::string(name));
  return place;
}

Place operator/(Place place, std::size_t index) {
  place.emplace_back(index);
  return place;
}

Place operator/(Place place, const KeyPath& names) {
  for (const std::string& name : names) place.emplace_back(name);
  return place;
}

bool starts_with(const Place& place, const Place& prefix) {
  return place.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), place.begin());
}

Result<TomlDraft> TomlDraft::open(std::string text) {
  TomlDraft draft(std::move(text));
  const auto laid_out = draft.lay_out();
  if (!laid_out) return laid_out.error();
  return draft;
}

Result<> TomlDraft::lay_out() {
  auto fresh = layout(text_);
  if (!fresh) return fresh.error();
  layout_ = std::move(*fresh);
  places_.clear();
  std::map<KeyPath, std::size_t> current;  // arrays of tables -> their last element
  for (const TableSpan& table : layout_.tables) {
    if (table.is_array) {
      std::erase_if(current, [&](const auto& entry) {
        return entry.first.size() > table.path.size() &&
               std::equal(table.path.begin(), table.path.end(), entry.first.begin());
      });
      current[table.path] = table.index;
    }
    Place place;
    KeyPath prefix;
    for (const std::string& name : table.path) {
      prefix.push_back(name);
      place.emplace_back(name);
      if (const auto index = current.find(prefix); index != current.end())
        place.emplace_back(index->second);
    }
    places_.push_back(std::move(place));
  }
  return {};
}

Result<> TomlDraft::apply(std::vector<TextEdit> edits) {
  text_ = apply_edits(text_, std::move(edits));
  return lay_out();
}

std::string_view TomlDraft::slice(Span span) const {
  return std::string_view(text_).substr(span.begin, span.end - span.begin);
}

std::optional<TomlDraft::Found> TomlDraft::find(const Place& place) const {
  for (std::size_t i = 0; i < layout_.tables.size(); ++i) {
    if (!starts_with(place, places_[i])) continue;
    for (const KeySpan& key : layout_.tables[i].keys) {
      if (!names_at(place, places_[i].size(), key.path)) continue;
      const Found line{Found::Kind::line, key.value, key.line, {}, {}, i};
      return descend(line, place, places_[i].size() + key.path.size());
    }
  }
  return std::nullopt;
}

std::optional<TomlDraft::Found> TomlDraft::descend(Found found, const Place& place,
                                                   std::size_t at) const {
  while (at < place.size()) {
    const Span container = found.value;
    const Place parent = first_steps(place, at);
    if (const auto* index = std::get_if<std::size_t>(&place[at])) {
      const auto elements = array_elements(text_, container);
      if (*index >= elements.size()) return std::nullopt;
      const Span element = elements[*index];
      found = {Found::Kind::element, element, element, container, parent};
      at += 1;
      continue;
    }
    const auto members = inline_members(text_, container);
    const auto member = std::find_if(members.begin(), members.end(), [&](const KeySpan& each) {
      return names_at(place, at, each.path);
    });
    if (member == members.end()) return std::nullopt;
    found = {Found::Kind::member, member->value, member->line, container, parent};
    at += member->path.size();
  }
  return found;
}

std::optional<std::size_t> TomlDraft::find_header(const Place& place) const {
  const auto found = std::find(places_.begin(), places_.end(), place);
  if (found == places_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - places_.begin());
}

Result<> TomlDraft::set(const Place& place, const std::string& value,
                        const std::vector<std::string>& order) {
  if (const auto found = find(place)) return replace_value(found->value, value);
  for (std::size_t depth = place.size(); depth-- > 0;) {
    const auto rest = names_from(place, depth);
    if (!rest) break;
    Result<> result;
    if (insert_at(first_steps(place, depth), *rest, value, order, result)) return result;
  }
  return Error{Code::internal, "the store's text has no place for " + value};
}

// Adds rest = value to `table` if the text has that table in any spelling.
bool TomlDraft::insert_at(const Place& table, const KeyPath& rest, const std::string& value,
                          const std::vector<std::string>& order, Result<>& result) {
  if (const auto found = find(table)) {
    if (!slice(found->value).starts_with('{')) return false;
    const auto members = inline_members(text_, found->value);
    const std::string pair = nested_pair(rest, value);
    if (members.empty())
      result = apply({{found->value, "{ " + pair + " }"}});
    else
      result = apply({{{members.back().line.end, members.back().line.end}, ", " + pair}});
    return true;
  }
  // Dotted keys spell the table inside another one: keep spelling it so.
  for (std::size_t i = 0; i < layout_.tables.size(); ++i) {
    if (places_[i].size() >= table.size() || !starts_with(table, places_[i])) continue;
    const auto dotted = names_from(table, places_[i].size());
    if (!dotted) continue;
    const KeySpan* last = nullptr;
    for (const KeySpan& key : layout_.tables[i].keys)
      if (key.path.size() > dotted->size() &&
          std::equal(dotted->begin(), dotted->end(), key.path.begin()))
        last = &key;
    if (last == nullptr) continue;
    std::string line;
    for (const std::string& name : *dotted) line += key_text(name) + ".";
    result = insert_line(i, line + nested_pair(rest, value), dotted->front(), {dotted->front()});
    return true;
  }
  const auto header = find_header(table);
  if (!header) return false;
  if (table.empty() && rest.size() == 2)
    result = insert_section(rest[0], key_text(rest[1]) + " = " + value);
  else
    result = insert_line(*header, nested_pair(rest, value), rest[0], order);
  return true;
}

// After the last line of the table whose first name does not come later in `order`.
Result<> TomlDraft::insert_line(std::size_t table, const std::string& line, const std::string& name,
                                const std::vector<std::string>& order) {
  const TableSpan& span = layout_.tables[table];
  const std::size_t rank = rank_of(order, name);
  const KeySpan* anchor = nullptr;
  for (const KeySpan& key : span.keys) {
    const std::size_t other = rank_of(order, key.path[0]);
    if (other < order.size() && other <= rank) anchor = &key;
  }
  const std::size_t at = anchor != nullptr ? anchor->line.end : span.header.end;
  const std::size_t line_begin = anchor != nullptr ? anchor->line.begin : span.header.begin;
  std::string indent;
  if (anchor != nullptr || table > 0)
    indent = text_.substr(line_begin, text_.find_first_not_of(" \t", line_begin) - line_begin);
  const bool open_line = at > layout_.tables[0].body.begin && text_[at - 1] != '\n';
  return apply({{{at, at}, (open_line ? newline() : "") + indent + line + newline()}});
}

// What goes with a key: its table too when that says nothing more, unless a comment is left there.
Span TomlDraft::line_removal(const Found& line) const {
  const TableSpan& table = layout_.tables[line.table];
  const bool alone = line.table > 0 && !table.is_array && table.keys.size() == 1;
  if (!alone || content_begin(line.table) != table.header.begin) return line.unit;
  const bool last = line.table + 1 == layout_.tables.size();
  const std::size_t end = last ? text_.size() : content_begin(line.table + 1);
  const auto says = [&](Span span) {
    return slice(span).find_first_not_of(" \t\r\n") != std::string_view::npos;
  };
  const bool commented = slice(table.header).find('#') != std::string_view::npos ||
                         says({table.header.end, line.unit.begin}) || says({line.unit.end, end});
  if (commented) return line.unit;
  Span gone{table.header.begin, past_blank_lines(line.unit.end)};
  if (gone.end == text_.size()) gone.begin = before_blank_lines(gone.begin);
  return gone;
}

Result<> TomlDraft::remove(const Place& place) {
  const auto found = find(place);
  if (!found) return {};
  if (found->kind == Found::Kind::line) return apply({{line_removal(*found), ""}});
  if (found->kind == Found::Kind::element)
    return apply({{element_removal(found->container, found->unit), ""}});
  const auto members = inline_members(text_, found->container);
  // An inline table that says nothing more goes with its last member.
  const bool named =
      !found->parent.empty() && std::holds_alternative<std::string>(found->parent.back());
  if (members.size() == 1 && named) return remove(found->parent);
  const auto member = std::find_if(members.begin(), members.end(), [&](const KeySpan& each) {
    return each.line.begin == found->unit.begin;
  });
  Span gone = found->unit;
  if (member + 1 != members.end())
    gone.end = (member + 1)->line.begin;
  else if (member != members.begin())
    gone.begin = (member - 1)->line.end;
  return apply({{gone, ""}});
}

}  // namespace tpool::config
