#include "cli/table.hpp"

#include <algorithm>

#include "cli/terminal.hpp"
#include "core/json/utf8.hpp"

namespace tpool::cli {

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

  std::string result;
  for (const auto& line : lines) {
    std::size_t last = line.size();
    while (last > 0 && line[last - 1].text.empty()) --last;
    for (std::size_t i = 0; i < last; ++i) {
      const std::string padding(widths[i] - display_width(line[i].text), ' ');
      const auto words = out.paint(line[i].style, line[i].text);
      if (right[i]) result += padding + words;
      if (!right[i]) result += words + (i + 1 < last ? padding : "");
      if (i + 1 < last) result += "  ";
    }
    result += '\n';
  }
  return result;
}

}  // namespace tpool::cli
