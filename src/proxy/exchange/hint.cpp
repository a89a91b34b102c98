#include "proxy/exchange/hint.hpp"

#include <time.h>

#include <algorithm>
#include <charconv>

namespace tpool::exchange {
namespace {

constexpr Milliseconds longest{std::chrono::hours(24)};

Milliseconds bounded(double milliseconds) {
  if (!(milliseconds > 0)) return Milliseconds(0);
  return std::min(longest, Milliseconds(static_cast<std::int64_t>(std::min(milliseconds, 1e12))));
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Milliseconds> http_date(std::string_view text, TimePoint now) {
  std::tm utc{};
  const std::string copy(text);
  if (!::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &utc)) return std::nullopt;
  const auto when = std::chrono::system_clock::from_time_t(::timegm(&utc));
  return bounded(static_cast<double>(std::chrono::duration_cast<Milliseconds>(when - now).count()));
}

// "1h2m3.5s", "250ms".
std::optional<Milliseconds> spelled(std::string_view text) {
  double total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    double value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with("ms"))
      total += value, text.remove_prefix(2);
    else if (text.starts_with("s"))
      total += value * 1e3, text.remove_prefix(1);
    else if (text.starts_with("m"))
      total += value * 6e4, text.remove_prefix(1);
    else if (text.starts_with("h"))
      total += value * 3.6e6, text.remove_prefix(1);
    else
      return std::nullopt;
  }
  return bounded(total);
}

}  // namespace

std::optional<Milliseconds> retry_hint(const net::Head& head, TimePoint now) {
  if (const auto value = number(head.get("retry-after-ms"))) return bounded(*value);
  if (const auto text = head.get("retry-after"); !text.empty()) {
    if (const auto value = number(text)) return bounded(*value * 1e3);
    if (const auto when = http_date(text, now)) return when;
  }
  // Only the limit that is used up says when to come back.
  for (const std::string what : {"requests", "tokens"}) {
    const auto left = number(head.get("x-ratelimit-remaining-" + what));
    const auto reset = head.get("x-ratelimit-reset-" + what);
    if (!left || *left > 0 || reset.empty()) continue;
    if (const auto value = number(reset)) {
      const auto epoch = std::chrono::duration<double>(now.time_since_epoch()).count();
      return bounded((*value > 1e9 ? *value - epoch : *value) * 1e3);
    }
    if (const auto wait = spelled(reset)) return wait;
  }
  return std::nullopt;
}

}  // namespace tpool::exchange
