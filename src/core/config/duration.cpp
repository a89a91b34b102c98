#include "core/config/duration.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace tpool::config {
namespace {

// Largest first, and "ms" before the "s" and "m" it ends and begins with.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units{
    {{"h", 3'600'000}, {"m", 60'000}, {"ms", 1}, {"s", 1'000}}};
constexpr std::int64_t longest = 366LL * 24 * 3'600'000;

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || text.starts_with('-')) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, size] : units)
    if (unit == name && count <= longest / size) return Milliseconds(count * size);
  return std::nullopt;
}

std::string duration_text(Milliseconds duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  if (count % 3'600'000 == 0) return std::to_string(count / 3'600'000) + "h";
  if (count % 60'000 == 0) return std::to_string(count / 60'000) + "m";
  if (count % 1'000 == 0) return std::to_string(count / 1'000) + "s";
  return std::to_string(count) + "ms";
}

}  // namespace tpool::config
