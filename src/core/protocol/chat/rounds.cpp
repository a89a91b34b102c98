#include "core/protocol/chat/rounds.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace tpool::protocol::chat {

namespace {

std::string short_id(std::string_view id, std::size_t length) {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
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
  struct Open {
    std::size_t call;
    std::size_t round;
  };
  std::unordered_map<std::string_view, std::vector<Open>> open;
  std::size_t round = 0;
  bool in_calls = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (const auto* call = std::get_if<ir::ToolCall>(&items[i].value)) {
      if (!in_calls) ++round;
      in_calls = true;
      auto& calls = open[call->call_id];
      if (!calls.empty() && calls.back().round != round) calls.clear();
      calls.push_back({i, round});
    } else if (const auto* result = std::get_if<ir::ToolResult>(&items[i].value)) {
      in_calls = false;
      const auto found = open.find(result->call_id);
      if (found == open.end() || found->second.empty()) continue;
      match[i] = found->second.front().call;
      match[match[i]] = i;
      found->second.erase(found->second.begin());
    }
  }
  return match;
}

std::string wire_id(const std::string& id, const std::vector<std::string>& taken,
                    std::size_t length) {
  const std::string base = id.empty() ? "call" : id;
  std::string wire = length == 0 || base.size() == length ? base : short_id(base, length);
  for (int n = 2; std::find(taken.begin(), taken.end(), wire) != taken.end(); ++n) {
    wire = base + "_" + std::to_string(n);
    if (length != 0) wire = short_id(wire, length);
  }
  return wire;
}

}  // namespace tpool::protocol::chat
