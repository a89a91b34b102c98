#include "proxy/exchange/hint.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "core/route/failure.hpp"

namespace tpool::exchange {
namespace {

Milliseconds bounded(double milliseconds) {
  if (!(milliseconds > 0)) return Milliseconds(0);
  return std::min(route::longest_hint,
                  Milliseconds(static_cast<std::int64_t>(std::min(milliseconds, 1e12))));
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

constexpr std::array date_forms = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                   "%a %b %d %H:%M:%S %Y"};

std::optional<Milliseconds> http_date(std::string_view text, TimePoint now) {
  const std::string copy(text);
  std::tm utc{};
  // The one that is written today, and two that are still to be understood.
  const bool any = std::ranges::any_of(date_forms, [&](const char* form) {
    utc = {};
    return ::strptime(copy.c_str(), form, &utc) != nullptr;
  });
  if (!any) return std::nullopt;
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

// "2026-01-31T12:00:00Z", also with fractions of a second or another offset.
std::optional<Milliseconds> date(std::string_view text, TimePoint now) {
  std::tm utc{};
  const std::string copy(text);
  const char* rest = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  if (!rest) return std::nullopt;
  double seconds = 0;
  if (*rest == '.') {
    char* end = nullptr;
    seconds = std::strtod(rest, &end);
    rest = end;
  }
  if (*rest == '+' || *rest == '-') {
    std::tm offset{};
    if (!::strptime(rest + 1, "%H:%M", &offset)) return std::nullopt;
    const int minutes = offset.tm_hour * 60 + offset.tm_min;
    seconds += (*rest == '-' ? 60 : -60) * minutes;
  }
  const auto when = std::chrono::system_clock::from_time_t(::timegm(&utc));
  const std::chrono::duration<double, std::milli> wait = when - now;
  return bounded(wait.count() + seconds * 1e3);
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

// The windows that are told apart, by what follows the family's name.
constexpr std::array windows = {std::string_view("requests"),
                                std::string_view("requests-minute"),
                                std::string_view("requests-hour"),
                                std::string_view("requests-day"),
                                std::string_view(""),
                                std::string_view("tokens"),
                                std::string_view("tokens-minute"),
                                std::string_view("tokens-hour"),
                                std::string_view("tokens-day"),
                                std::string_view("input-tokens"),
                                std::string_view("output-tokens")};
constexpr std::size_t first_of_tokens = 5;
constexpr std::size_t output_tokens = 10;

// What a field's name says, in small letters: which window, and what of it.
struct Said {
  std::string_view window;
  std::string_view member;
};
std::optional<Said> said(std::string_view name) {
  constexpr std::string_view common = "x-ratelimit-";
  constexpr std::string_view anthropic = "anthropic-ratelimit-";
  if (name.starts_with(common)) {
    name.remove_prefix(common.size());
    const auto dash = std::min(name.find('-'), name.size());
    return Said{name.substr(std::min(dash + 1, name.size())), name.substr(0, dash)};
  }
  if (!name.starts_with(anthropic)) return std::nullopt;
  name.remove_prefix(anthropic.size());
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  return Said{name.substr(0, dash), name.substr(dash + 1)};
}

bool same(const std::optional<std::int64_t>& a, const std::optional<std::int64_t>& b) {
  return a && b && *a == *b;
}

// Of two windows over the same, the one that ends first what may be asked.
void tighten(route::RateReport& kept, const route::RateReport& other) {
  if (kept.remaining && (!other.remaining || *kept.remaining < *other.remaining)) return;
  if (same(kept.remaining, other.remaining) && kept.reset > other.reset) return;
  if (other.remaining || !(kept.limit || kept.reset)) kept = other;
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
  // Where nobody says what is left, a refusal says that it is nothing.
  if (head.status != 429 || reports.requests.remaining || reports.tokens.remaining)
    return std::nullopt;
  const auto& requests = reports.requests.reset;
  const auto& tokens = reports.tokens.reset;
  return requests && tokens ? std::min(requests, tokens) : requests ? requests : tokens;
}

route::RateReports rate_reports(const net::Head& head, TimePoint now) {
  std::array<route::RateReport, windows.size()> told;
  for (const auto& field : head.fields) {
    std::string name(field.name);
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const auto what = said(name);
    if (!what) continue;
    const auto at = std::ranges::find(windows, what->window);
    if (at == windows.end()) continue;
    auto& window = told[static_cast<std::size_t>(at - windows.begin())];
    if (what->member == "limit") window.limit = count(field.value);
    if (what->member == "remaining") window.remaining = count(field.value);
    if (what->member == "reset") window.reset = reset(field.value, now);
  }
  // What a request will have for output is not known: that window speaks when it is used up.
  if (told[output_tokens].remaining.value_or(1) > 0) told[output_tokens] = {};
  route::RateReports reports;
  for (std::size_t i = 0; i < told.size(); ++i)
    tighten(i < first_of_tokens ? reports.requests : reports.tokens, told[i]);
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
