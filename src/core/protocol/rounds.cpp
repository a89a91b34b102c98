#include "core/protocol/rounds.hpp"

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace tpool::protocol {

namespace {

constexpr std::string_view letters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::string short_id(std::string_view id, std::size_t length) {
  std::uint64_t hash = 14695981039346656037ULL;
  std::string out;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  while (out.size() < length) {
    out += letters[hash % letters.size()];
    hash = hash / letters.size() ^ (hash * 1099511628211ULL);
  }
  return out;
}

}  // namespace

std::vector<std::size_t> match_results(const std::vector<ir::Item>& items) {
  std::vector<std::size_t> match(items.size(), no_match);
  // Calls of one id in its latest round; the first `answered` of them have their result.
  struct Open {
    std::vector<std::size_t> calls;
    std::size_t answered = 0;
    std::size_t round = 0;
  };
  std::unordered_map<std::string_view, Open> open;
  std::size_t round = 0;
  bool in_calls = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (const auto* call = std::get_if<ir::ToolCall>(&items[i].value)) {
      if (!in_calls) ++round;
      in_calls = true;
      Open& same = open[call->call_id];
      if (same.round != round) same = {{}, 0, round};
      same.calls.push_back(i);
    } else if (const auto* result = std::get_if<ir::ToolResult>(&items[i].value)) {
      in_calls = false;
      const auto found = open.find(result->call_id);
      if (found == open.end() || found->second.answered == found->second.calls.size()) continue;
      match[i] = found->second.calls[found->second.answered++];
      match[match[i]] = i;
    }
  }
  return match;
}

std::string fitted_id(const std::string& id, std::size_t most) {
  return most == 0 || id.size() <= most ? id : short_id(id, most);
}

std::string wire_id(const std::string& id, const std::unordered_set<std::string>& taken,
                    std::size_t length, std::size_t most) {
  const std::string base = id.empty() ? "call" : id;
  const auto fitted = [&](const std::string& text) {
    if (length == 0) return fitted_id(text, most);
    const bool fits = text.size() == length && text.find_first_not_of(letters) == std::string::npos;
    return fits ? text : short_id(text, length);
  };
  std::string wire = fitted(base);
  for (std::size_t n = taken.size() + 1; taken.contains(wire); ++n) {
    wire = fitted(base + "_" + std::to_string(n));
  }
  return wire;
}

}  // namespace tpool::protocol
