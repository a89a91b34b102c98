#include "core/json/jsonc.hpp"

#include <algorithm>

#include "core/json/scan.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::json {
namespace {

constexpr std::string_view spaces = " \t\r\n";

// Where the members of an object lie in the whole text.
struct Spot {
  Range object;                 // braces included
  std::vector<Member> members;  // shifted to the whole text
};

std::optional<Spot> spot_of(std::string_view strict, Range object) {
  if (object.begin >= object.end || strict[object.begin] != '{') return std::nullopt;
  auto scanned = scan(strict.substr(object.begin, object.end - object.begin));
  if (!scanned) return std::nullopt;
  Spot spot{object, std::move(scanned->members)};
  for (auto& member : spot.members)
    for (auto* range : {&member.value, &member.whole}) {
      range->begin += object.begin;
      range->end += object.begin;
    }
  return spot;
}

const Member* last_named(const Spot& spot, std::string_view name) {
  const auto found = std::find_if(spot.members.rbegin(), spot.members.rend(),
                                  [&](const Member& member) { return member.name == name; });
  return found == spot.members.rend() ? nullptr : &*found;
}

std::optional<Spot> root_of(std::string_view strict) {
  const auto begin = strict.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return std::nullopt;
  return spot_of(strict, {begin, strict.find_last_not_of(spaces) + 1});
}

// The value at a path, as a range of the whole text.
std::optional<Range> range_of(std::string_view text, const Path& path) {
  const auto strict = without_comments(text);
  auto spot = root_of(strict);
  for (std::size_t i = 0; spot && i < path.size(); ++i) {
    const auto* member = last_named(*spot, path[i]);
    if (!member) return std::nullopt;
    if (i + 1 == path.size()) return member->value;
    spot = spot_of(strict, member->value);
  }
  return std::nullopt;
}

std::string_view newline_of(std::string_view text) {
  return text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
}

// The white space a line begins with, when nothing else stands before `at` on it.
std::optional<std::string> indent_at(std::string_view text, std::size_t at) {
  const auto line = text.substr(0, at).rfind('\n');
  const auto begin = line == std::string_view::npos ? 0 : line + 1;
  const auto before = text.substr(begin, at - begin);
  if (before.find_first_not_of(" \t") != std::string_view::npos) return std::nullopt;
  return std::string(before);
}

// The indent of the line something stands on, whatever stands before it.
std::string line_indent(std::string_view text, std::size_t at) {
  const auto line = text.substr(0, at).rfind('\n');
  const auto begin = line == std::string_view::npos ? 0 : line + 1;
  const auto end = text.find_first_not_of(" \t", begin);
  return std::string(text.substr(begin, std::min(end, text.size()) - begin));
}

// One step of indentation as this file has it.
std::string unit_of(std::string_view text, const Spot& root) {
  if (!root.members.empty())
    if (const auto indent = indent_at(text, root.members.front().whole.begin);
        indent && !indent->empty())
      return *indent;
  return "  ";
}

std::string indented_value(std::string_view value, std::string_view indent,
                           std::string_view newline) {
  std::string out;
  for (const char c : value) {
    if (c == '\n') {
      out += newline;
      out += indent;
    } else {
      out += c;
    }
  }
  return out;
}

std::string json_text(std::string_view name) {
  std::string out;
  append_quoted(out, name);
  return out;
}

// `{"a": {"b": value}}` for the names still missing, laid out over lines.
std::string nested(const Path& path, std::size_t from, std::string_view value,
                   const std::string& indent, const std::string& unit, std::string_view newline) {
  if (from == path.size()) return indented_value(value, indent, newline);
  const auto inner = indent + unit;
  std::string out = "{";
  out.append(newline).append(inner).append(json_text(path[from])).append(": ");
  out += nested(path, from + 1, value, inner, unit, newline);
  return out.append(newline).append(indent).append("}");
}

std::string add_member(std::string_view text, const Spot& spot, const Path& path, std::size_t at,
                       std::string_view value, const std::string& unit) {
  const auto newline = newline_of(text);
  std::string out(text);
  if (!spot.members.empty()) {
    const auto& last = spot.members.back();
    const auto own = indent_at(text, last.whole.begin);
    const auto indent = own ? *own : line_indent(text, last.whole.begin);
    const auto gap = own ? std::string(newline) + indent : std::string(" ");
    out.insert(last.value.end, "," + gap + json_text(path[at]) + ": " +
                                   nested(path, at + 1, value, indent, unit, newline));
    return out;
  }
  const auto indent = line_indent(text, spot.object.begin);
  const auto inner = indent + unit;
  const auto inside = text.substr(spot.object.begin + 1, spot.object.end - spot.object.begin - 2);
  std::string member = std::string(newline) + inner + json_text(path[at]) + ": " +
                       nested(path, at + 1, value, inner, unit, newline);
  if (inside.find('\n') == std::string_view::npos) member += std::string(newline) + indent;
  out.insert(spot.object.begin + 1, member);
  return out;
}

}  // namespace

std::string without_comments(std::string_view text) {
  std::string out(text);
  if (out.starts_with("\xef\xbb\xbf")) out.replace(0, 3, "   ");
  const auto blank = [&](std::size_t begin, std::size_t end) {
    for (auto i = begin; i < end; ++i)
      if (out[i] != '\n' && out[i] != '\r') out[i] = ' ';
  };
  std::size_t comma = std::string::npos;  // the last one with nothing but space behind it
  for (std::size_t i = 0; i < out.size();) {
    const char c = out[i];
    if (c == '"') {
      comma = std::string::npos;
      for (++i; i < out.size() && out[i] != '"'; ++i)
        if (out[i] == '\\') ++i;
      ++i;
    } else if (c == '/' && i + 1 < out.size() && out[i + 1] == '/') {
      const auto end = std::min(out.find('\n', i), out.size());
      blank(i, end);
      i = end;
    } else if (c == '/' && i + 1 < out.size() && out[i + 1] == '*') {
      const auto end = out.find("*/", i + 2);
      if (end == std::string::npos) return out;  // the parser says what is wrong
      blank(i, end + 2);
      i = end + 2;
    } else {
      if ((c == '}' || c == ']') && comma != std::string::npos) out[comma] = ' ';
      if (c == ',')
        comma = i;
      else if (spaces.find(c) == std::string_view::npos)
        comma = std::string::npos;
      ++i;
    }
  }
  return out;
}

Result<> check_settings(std::string_view text, std::string_view what) {
  const auto strict = without_comments(text);
  if (strict.find_first_not_of(spaces) == std::string::npos) return {};
  auto document = Document::parse(strict, what);
  if (!document) return document.error();
  if (!document->root().is_object()) return invalid(std::string(what) + " is not a JSON object");
  return {};
}

std::optional<std::string> value_at(std::string_view text, const Path& path) {
  const auto range = range_of(text, path);
  if (!range) return std::nullopt;
  return std::string(text.substr(range->begin, range->end - range->begin));
}

std::string with_raw(std::string_view text, const Path& path, std::string_view raw) {
  std::string out(text);
  if (const auto range = range_of(text, path))
    out.replace(range->begin, range->end - range->begin, raw);
  return out;
}

Result<std::string> with_value(std::string_view text, const Path& path, std::string_view value) {
  const auto strict = without_comments(text);
  auto spot = root_of(strict);
  if (!spot) {
    // Comments alone, or nothing: what is there stays above.
    std::string out(text);
    if (!out.empty() && !out.ends_with('\n')) out += newline_of(text);
    return out + nested(path, 0, value, "", "  ", newline_of(text)) + std::string(newline_of(text));
  }
  const auto unit = unit_of(text, *spot);
  std::string so_far;
  for (std::size_t i = 0; i < path.size(); ++i) {
    so_far += (so_far.empty() ? "" : ".") + path[i];
    const auto* member = last_named(*spot, path[i]);
    if (!member) return add_member(text, *spot, path, i, value, unit);
    if (i + 1 == path.size()) {
      const auto own = indent_at(text, member->whole.begin);
      std::string out(text);
      out.replace(member->value.begin, member->value.end - member->value.begin,
                  indented_value(value, own ? *own : line_indent(text, member->whole.begin),
                                 newline_of(text)));
      return out;
    }
    spot = spot_of(strict, member->value);
    if (!spot) return conflict("\"" + so_far + "\" is not an object", "make it one, or remove it");
  }
  return std::string(text);
}

std::string without_value(std::string_view text, const Path& path) {
  const auto strict = without_comments(text);
  std::string out(text);
  auto spot = root_of(strict);
  for (std::size_t i = 0; spot && i < path.size(); ++i) {
    const auto* member = last_named(*spot, path[i]);
    if (!member) return out;
    if (i + 1 < path.size()) {
      spot = spot_of(strict, member->value);
      continue;
    }
    auto begin = member->whole.begin, end = member->value.end;
    const auto before = strict.find_last_not_of(spaces, begin - 1);
    const auto after = strict.find_first_not_of(spaces, end);
    const auto only_space = [&](std::size_t from, std::size_t to) {
      return text.substr(from, to - from).find_first_not_of(spaces) == std::string_view::npos;
    };
    if (strict[before] == ',') {
      // The comma before it goes; a comment between the two stays.
      if (only_space(before + 1, begin)) begin = before;
      out.erase(begin, end - begin);
      if (begin != before) out.erase(before, 1);
      return out;
    }
    if (strict[after] == ',') {
      const auto next = strict.find_first_not_of(spaces, after + 1);
      if (only_space(after + 1, next) && only_space(end, after))
        end = next;
      else
        out[after] = ' ';
    } else if (only_space(before + 1, begin) && only_space(end, after)) {
      begin = before + 1;
      end = after;
    }
    out.erase(begin, end - begin);
    return out;
  }
  return out;
}

}  // namespace tpool::json
