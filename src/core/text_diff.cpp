#include "core/text_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tpool {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t context = 3;
// Above this many cells the changed middle is shown as one removal and one addition.
constexpr std::size_t max_table_cells = 4'000'000;

// Lines with their ends, so that a changed line end is a changed line.
Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

struct Step {
  char mark;  // ' ', '-' or '+'
  std::string_view line;
};

void align_middle(const Lines& a, const Lines& b, std::vector<Step>& steps) {
  if (a.size() * b.size() > max_table_cells) {
    for (auto line : a) steps.push_back({'-', line});
    for (auto line : b) steps.push_back({'+', line});
    return;
  }
  // common[i][j]: the longest common subsequence of a from i and b from j.
  const std::size_t width = b.size() + 1;
  std::vector<std::uint32_t> common((a.size() + 1) * width, 0);
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      common[i * width + j] =
          a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                       : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      steps.push_back({' ', a[i++]});
      ++j;
    } else if (j == b.size() ||
               (i < a.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      steps.push_back({'-', a[i++]});
    } else {
      steps.push_back({'+', b[j++]});
    }
  }
}

std::vector<Step> align(const Lines& a, const Lines& b) {
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  std::size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
    ++tail;
  const auto cut = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(head),
                 lines.end() - static_cast<std::ptrdiff_t>(tail));
  };
  std::vector<Step> steps;
  for (std::size_t i = 0; i < head; ++i) steps.push_back({' ', a[i]});
  align_middle(cut(a), cut(b), steps);
  for (std::size_t i = a.size() - tail; i < a.size(); ++i) steps.push_back({' ', a[i]});
  return steps;
}

std::string range(std::size_t first, std::size_t count) {
  // An empty range names the line before it.
  const std::string start = std::to_string(count == 0 ? first : first + 1);
  return count == 1 ? start : start + "," + std::to_string(count);
}

struct Hunk {
  std::size_t begin;  // steps
  std::size_t end;
};

std::vector<Hunk> group(const std::vector<Step>& steps) {
  std::vector<Hunk> hunks;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].mark == ' ') continue;
    const std::size_t begin = i < context ? 0 : i - context;
    const std::size_t end = std::min(i + 1 + context, steps.size());
    if (!hunks.empty() && begin <= hunks.back().end)
      hunks.back().end = end;
    else
      hunks.push_back({begin, end});
  }
  return hunks;
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view name) {
  if (before == after) return {};
  const std::vector<Step> steps = align(split(before), split(after));
  std::string out = "--- " + std::string(name) + "\n+++ " + std::string(name) + "\n";
  std::size_t old_line = 0;
  std::size_t new_line = 0;
  std::size_t seen = 0;
  for (const Hunk& hunk : group(steps)) {
    for (; seen < hunk.begin; ++seen) {
      ++old_line;
      ++new_line;
    }
    std::string body;
    std::size_t old_count = 0;
    std::size_t new_count = 0;
    for (; seen < hunk.end; ++seen) {
      const Step& step = steps[seen];
      if (step.mark != '+') ++old_count;
      if (step.mark != '-') ++new_count;
      body += step.mark;
      body += step.line;
      if (!step.line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
    }
    out += "@@ -" + range(old_line, old_count) + " +" + range(new_line, new_count) + " @@\n" + body;
    old_line += old_count;
    new_line += new_count;
  }
  return out;
}

}  // namespace tpool
