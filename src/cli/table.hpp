// Rows of cells in aligned columns, measured in terminal columns. No trailing spaces. Where a
// terminal is too narrow, the words of the last column go on below its heading.
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"

namespace tpool::cli {

struct Cell {
  Cell(std::string words, Style look = Style::plain) : text(std::move(words)), style(look) {}
  Cell(const char* words) : text(words) {}
  std::string text;
  Style style = Style::plain;
};

class Table {
 public:
  // A heading that starts with '>' aligns its column to the right.
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  std::string text(const Output& out) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace tpool::cli
