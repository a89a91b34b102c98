#include <algorithm>

#include "core/config/edit.hpp"

namespace tpool::config {
namespace {

constexpr std::size_t most_suggestions = 3;
constexpr std::size_t longest_word = 128;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// Insertions, removals, replacements and swaps of neighbours between two words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::vector<std::size_t> next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    std::swap(before, row);
    std::swap(row, next);
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  const std::string wanted = lower(word.substr(0, longest_word));
  if (wanted.empty()) return {};
  const std::size_t tolerated = 1 + wanted.size() / 4;
  std::vector<std::pair<std::size_t, std::string>> close;
  for (const std::string& candidate : known) {
    const std::string name = lower(std::string_view(candidate).substr(0, longest_word));
    std::size_t cost = distance(wanted, name);
    // What was typed may be only the beginning, or the part after the provider.
    if (name.starts_with(wanted) || (wanted.size() >= 3 && name.ends_with(wanted)))
      cost = std::min<std::size_t>(cost, 1);
    if ((wanted.size() >= 4 && name.find(wanted) != std::string::npos) ||
        (name.size() >= 3 && wanted.starts_with(name)))
      cost = std::min(cost, tolerated);
    if (cost <= tolerated) close.emplace_back(cost, candidate);
  }
  std::stable_sort(close.begin(), close.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (const auto& [cost, name] : close)
    if (names.size() < most_suggestions &&
        std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  return names;
}

}  // namespace tpool::config
