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

std::optional<std::int64_t> count(std::string_view text) {
  const auto value = number(text);
  if (!value || !(*value >= 0) || *value > 1e15) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

// "2026-01-31T12:00:00Z"
std::optional<Milliseconds> date(std::string_view text, TimePoint now) {
  std::tm utc{};
  const std::string copy(text);
  if (!::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &utc)) return std::nullopt;
  const auto when = std::chrono::system_clock::from_time_t(::timegm(&utc));
  return bounded(static_cast<double>(std::chrono::duration_cast<Milliseconds>(when - now).count()));
}

std::optional<Milliseconds> reset(std::string_view text, TimePoint now) {
  if (text.empty()) return std::nullopt;
  if (const auto value = number(text)) {
    const auto epoch = std::chrono::duration<double>(now.time_since_epoch()).count();
    if (*value > 1e12) return bounded(*value - epoch * 1e3);
    return bounded((*value > 1e9 ? *value - epoch : *value) * 1e3);
  }
  if (const auto wait = spelled(text)) return wait;
  return date(text, now);
}

}  // namespace

std::optional<Milliseconds> retry_hint(const net::Head& head, TimePoint now) {
  if (const auto value = number(head.get("retry-after-ms"))) return bounded(*value);
  if (const auto text = head.get("retry-after"); !text.empty()) {
    if (const auto value = number(text)) return bounded(*value * 1e3);
    if (const auto when = http_date(text, now)) return when;
  }
  // Only the limit that is used up says when to come back.
  const auto reports = rate_reports(head, now);
  for (const auto* one : {&reports.requests, &reports.tokens})
    if (one->remaining && *one->remaining <= 0 && one->reset) return one->reset;
  return std::nullopt;
}

route::RateReports rate_reports(const net::Head& head, TimePoint now) {
  route::RateReports reports;
  for (const std::string what : {"requests", "tokens"}) {
    auto& report = what == "tokens" ? reports.tokens : reports.requests;
    const auto take = [&](const std::string& limit, const std::string& remaining,
                          const std::string& at) {
      if (!report.limit) report.limit = count(head.get(limit));
      if (!report.remaining) report.remaining = count(head.get(remaining));
      if (!report.reset) report.reset = reset(head.get(at), now);
    };
    take("x-ratelimit-limit-" + what, "x-ratelimit-remaining-" + what, "x-ratelimit-reset-" + what);
    const auto family = "anthropic-ratelimit-" + what;
    take(family + "-limit", family + "-remaining", family + "-reset");
    if (what == "requests") take("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset");
  }
  return reports;
}

void note_limits(gate::Permit& permit, const net::Head& head) {
  const bool any = std::ranges::any_of(head.fields, [](const net::Field& field) {
    return net::same_name(field.name.substr(0, 12), "x-ratelimit-") ||
           net::same_name(field.name.substr(0, 20), "anthropic-ratelimit-");
  });
  if (!any) return;
  const auto now = std::chrono::system_clock::now();
  permit.learned(rate_reports(head, now), now);
}

}  // namespace tpool::exchange
