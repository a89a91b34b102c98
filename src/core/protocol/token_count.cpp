#include "core/protocol/token_count.hpp"

#include <algorithm>
#include <charconv>

namespace tpool::protocol {

std::optional<std::int64_t> token_count(json::Value value) {
  constexpr std::int64_t most = std::int64_t{1} << 53;
  if (const auto whole = value.integer()) return std::clamp<std::int64_t>(*whole, 0, most);
  const auto number = value.number();
  if (!number || !(*number >= 0) || *number > static_cast<double>(most)) return {};
  return static_cast<std::int64_t>(*number);
}

std::optional<std::int64_t> token_count(std::string_view text) {
  std::int64_t plain = 0;
  const auto* const end = text.data() + text.size();
  // Fifteen digits are always small enough, and all there ever are.
  if (text.size() <= 15 && std::from_chars(text.data(), end, plain).ptr == end && plain >= 0)
    return text.empty() ? std::nullopt : std::optional(plain);
  const auto document = json::Document::parse(text, "a token count");
  return document ? token_count(document->root()) : std::nullopt;
}

}  // namespace tpool::protocol
