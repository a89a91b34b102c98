#include "cli/table.hpp"

#include <algorithm>

#include "cli/terminal.hpp"
#include "core/json/utf8.hpp"

namespace tpool::cli {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t few_words = 24;

// The words of a cell that is too wide, on lines of their own behind `left` columns.
std::string folded(const Output& out, const Cell& cell, std::size_t width, std::size_t left) {
  std::string result;
  const auto text = wrapped(cell.text, width, "");
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    if (at > 0) result += '\n' + std::string(left, ' ');
    result += out.paint(cell.style, std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  return result;
}

}  // namespace

std::string Table::text(const Output& out) const {
  std::vector<bool> right;
  std::vector<std::vector<Cell>> lines(1);
  for (const auto& heading : headings_) {
    right.push_back(heading.starts_with('>'));
    lines[0].emplace_back(heading.substr(right.back() ? 1 : 0), Style::bold);
  }
  for (const auto& row : rows_) {
    lines.push_back(row);
    for (auto& cell : lines.back()) cell.text = json::printable(cell.text);
  }

  std::vector<std::size_t> widths(headings_.size(), 0);
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], display_width(line[i].text));

  // The last column takes what the terminal leaves it, where that holds a few words.
  std::size_t left = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) left += widths[i] + gap;
  if (!right.back() && out.columns() >= left + few_words)
    widths.back() = std::min(widths.back(), out.columns() - left);

  std::string result;
  for (const auto& line : lines) {
    std::size_t last = line.size();
    while (last > 0 && line[last - 1].text.empty()) --last;
    for (std::size_t i = 0; i < last; ++i) {
      if (display_width(line[i].text) > widths[i]) {
        result += folded(out, line[i], widths[i], left);
        continue;
      }
      const std::string padding(widths[i] - display_width(line[i].text), ' ');
      const auto words = out.paint(line[i].style, line[i].text);
      if (right[i]) result += padding + words;
      if (!right[i]) result += words + (i + 1 < last ? padding : "");
      if (i + 1 < last) result += std::string(gap, ' ');
    }
    result += '\n';
  }
  return result;
}

}  // namespace tpool::cli
