#include "core/protocol/token_count.hpp"

#include <algorithm>

namespace tpool::protocol {

std::optional<std::int64_t> token_count(json::Value value) {
  constexpr std::int64_t most = std::int64_t{1} << 53;
  if (const auto whole = value.integer()) return std::clamp<std::int64_t>(*whole, 0, most);
  const auto number = value.number();
  if (!number || !(*number >= 0) || *number > static_cast<double>(most)) return {};
  return static_cast<std::int64_t>(*number);
}

}  // namespace tpool::protocol
