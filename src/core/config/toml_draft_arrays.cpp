// The part of TomlDraft that changes arrays element by element.
#include <algorithm>

#include "core/config/toml_draft.hpp"

namespace tpool::config {

Result<> TomlDraft::replace_value(Span value, const std::string& text) {
  const std::string_view old = slice(value);
  // Comments and line breaks inside an array are the user's; keep them where elements stay.
  if (old.starts_with('[') && text.starts_with('[') &&
      old.find_first_of("#\n") != std::string_view::npos) {
    if (auto edits = merge_array(value, text)) return apply(std::move(*edits));
  }
  return apply({{value, text}});
}

// The edits that make the array hold the elements of `text`, when that only takes removals and
// additions at the end of an array with one element to a line.
std::optional<std::vector<TextEdit>> TomlDraft::merge_array(Span value,
                                                            const std::string& text) const {
  std::vector<std::string> wanted;
  for (const Span& span : array_elements(text, {0, text.size()})) {
    const auto decoded = unquote(std::string_view(text).substr(span.begin, span.end - span.begin));
    if (!decoded) return std::nullopt;
    wanted.push_back(*decoded);
  }
  std::vector<TextEdit> edits;
  const auto elements = array_elements(text_, value);
  std::size_t matched = 0;
  std::optional<Span> last_kept;
  Span last_line;
  std::string indent;
  for (const Span& element : elements) {
    const std::size_t line_begin = text_.rfind('\n', element.begin) + 1;
    const std::size_t line_end = next_line(element.end);
    const std::string lead = text_.substr(line_begin, element.begin - line_begin);
    const std::string_view tail = slice({element.end, line_end});
    const auto after = tail.find_first_not_of(" \t,");
    const bool alone = line_begin > value.begin && line_end < value.end &&
                       lead.find_first_not_of(" \t") == std::string::npos &&
                       (after == std::string_view::npos || tail[after] == '#' ||
                        tail[after] == '\r' || tail[after] == '\n');
    const auto decoded = unquote(slice(element));
    if (!alone || !decoded) return std::nullopt;
    if (matched < wanted.size() && *decoded == wanted[matched]) {
      ++matched;
      last_kept = element;
      last_line = {line_begin, line_end};
      indent = lead;
    } else {
      edits.push_back({{line_begin, line_end}, ""});
    }
  }
  if (matched == wanted.size()) return edits;
  if (!last_kept) return std::nullopt;
  // Removals and additions that mix are a reordering; it has no line to keep.
  const std::string_view tail = slice({last_kept->end, last_line.end});
  const auto comma = tail.find_first_not_of(" \t");
  if (comma == std::string_view::npos || tail[comma] != ',')
    edits.push_back({{last_kept->end, last_kept->end}, ","});
  std::string added;
  for (std::size_t i = matched; i < wanted.size(); ++i)
    added += indent + quote(wanted[i]) + "," + newline();
  edits.push_back({{last_line.end, last_line.end}, added});
  return edits;
}

// What goes with an element of an array: its comma, its line when it has one alone.
Span TomlDraft::element_removal(Span array, Span element) const {
  const auto elements = array_elements(text_, array);
  Span gone = element;
  const auto after = text_.find_first_not_of(" \t", element.end);
  const bool comma = after < array.end && text_[after] == ',';
  if (comma) gone.end = after + 1;
  const std::size_t line_begin = text_.rfind('\n', element.begin) + 1;
  const bool starts_line =
      line_begin > array.begin && text_.find_first_not_of(" \t", line_begin) == element.begin;
  const auto rest = text_.find_first_not_of(" \t", gone.end);
  const bool ends_line =
      rest < array.end && (text_[rest] == '#' || text_[rest] == '\r' || text_[rest] == '\n');
  if (starts_line && ends_line) return {line_begin, next_line(gone.end)};
  if (comma) return {gone.begin, std::min(rest, array.end)};
  // The last one, without a comma: then the one before needs none either.
  for (std::size_t i = 1; i < elements.size(); ++i)
    if (elements[i].begin == element.begin &&
        slice({elements[i - 1].end, element.begin}).find('\n') == std::string_view::npos)
      gone.begin = elements[i - 1].end;
  return gone;
}

}  // namespace tpool::config
