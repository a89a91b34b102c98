#include "core/route/spending.hpp"

#include <algorithm>
#include <cmath>

#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::route {
namespace {

std::int64_t milliseconds(TimePoint when) {
  return std::chrono::duration_cast<Milliseconds>(when.time_since_epoch()).count();
}

// Further away than any day of ours: somebody wrote it by hand.
TimePoint moment(std::int64_t ms) { return TimePoint(Milliseconds(std::clamp(ms, 0L, 1L << 42))); }

}  // namespace

std::string write_spending(const KeptSpending& kept) {
  std::string text;
  json::Writer out(text);
  out.begin_object().member("version", 1).member("begins_ms", milliseconds(kept.day.begins));
  out.member("ends_ms", milliseconds(kept.day.ends)).key("spent").begin_array();
  for (const auto& row : kept.rows) {
    out.begin_object().member("scope", row.scope).member("name", row.name);
    out.member("spent_usd", row.spent.usd).member("unpriced", row.spent.unpriced).end_object();
  }
  out.end_array().end_object();
  return json::indented(text) + "\n";
}

Result<KeptSpending> read_spending(std::string_view text) {
  constexpr auto longest = std::chrono::hours(50);
  const auto document = json::Document::parse(text, "the kept spending");
  if (!document) return document.error();
  const auto root = document->root();
  const auto begins = root["begins_ms"].integer();
  const auto ends = root["ends_ms"].integer();
  const auto list = root["spent"];
  if (root["version"].integer() != 1 || !begins || !ends || !list.is_array())
    return corrupt("the kept spending is not in a form this version knows");
  KeptSpending kept{{moment(*begins), moment(*ends)}};
  if (kept.day.ends <= kept.day.begins || kept.day.ends - kept.day.begins > longest)
    return corrupt("the kept spending is of no day");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto one = list.at(i);
    const auto usd = one["spent_usd"].number();
    const auto unpriced = one["unpriced"].integer().value_or(0);
    if (!usd || !std::isfinite(*usd) || *usd < 0 || unpriced < 0) continue;
    kept.rows.push_back({std::string(one["scope"].string_or("")),
                         std::string(one["name"].string_or("")),
                         {*usd, static_cast<std::uint64_t>(unpriced)}});
  }
  return kept;
}

}  // namespace tpool::route
