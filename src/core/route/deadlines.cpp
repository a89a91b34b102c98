#include "core/route/deadlines.hpp"

#include <algorithm>
#include <array>

#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::route {
namespace {

constexpr std::array<std::string_view, 3> scopes = {"model", "key", "group"};
constexpr std::array<std::string_view, 3> kept_states = {"cooldown", "quota", "hold"};

std::int64_t milliseconds(TimePoint when) {
  return std::chrono::duration_cast<Milliseconds>(when.time_since_epoch()).count();
}

}  // namespace

std::string write_deadlines(const std::vector<KeptHold>& holds) {
  std::string text;
  json::Writer out(text);
  out.begin_object().member("version", 1).key("holds").begin_array();
  for (const auto& one : holds) {
    out.begin_object().member("provider", one.provider).member("key", one.key);
    out.member("model", one.model).member("group", one.group);
    out.member("scope", scopes[static_cast<std::size_t>(one.hold.scope)]);
    out.member("state", one.hold.state).member("reason", one.hold.reason).key("until_ms");
    if (one.hold.until == TimePoint::max())
      out.null();
    else
      out.integer(milliseconds(one.hold.until));
    out.end_object();
  }
  out.end_array().end_object();
  return json::indented(text) + "\n";
}

Result<std::vector<KeptHold>> read_deadlines(std::string_view text) {
  const auto document = json::Document::parse(text, "the kept deadlines");
  if (!document) return document.error();
  const auto list = document->root()["holds"];
  if (document->root()["version"].integer() != 1 || !list.is_array())
    return corrupt("the kept deadlines are not in a form this version knows");
  std::vector<KeptHold> holds;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto one = list.at(i);
    const auto scope = std::ranges::find(scopes, one["scope"].string_or(""));
    const auto state = one["state"].string_or("");
    if (scope == scopes.end() || std::ranges::find(kept_states, state) == kept_states.end())
      continue;
    KeptHold hold;
    hold.provider = one["provider"].string_or("");
    hold.key = one["key"].string_or("");
    hold.model = one["model"].string_or("");
    hold.group = one["group"].string_or("");
    hold.hold.state = state;
    hold.hold.reason = one["reason"].string_or("");
    hold.hold.scope = static_cast<Scope>(scope - scopes.begin());
    // Further away than any hint counts for: somebody wrote this by hand.
    const auto until = one["until_ms"].integer();
    if (until) hold.hold.until = TimePoint(Milliseconds(std::clamp(*until, 0L, 1L << 42)));
    holds.push_back(std::move(hold));
  }
  return holds;
}

}  // namespace tpool::route
