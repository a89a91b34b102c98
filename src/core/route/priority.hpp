// What a request says of its own priority, in the words of each protocol.
//
// The one table for all of them. tpool's header goes before the body's `metadata.priority`, and
// that before its `service_tier`. The first two say high, normal or low; any other word is the
// client's own and says nothing. Of the tiers, `priority` (OpenAI, and Codex when it is to be fast)
// and its older name `fast` are high, `flex` is low; `auto`, `default` and Anthropic's
// `standard_only` ask for what is done anyway: the request's class decides. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "core/route/permits.hpp"

namespace tpool::route {

inline constexpr std::string_view priority_header = "x-tpool-priority";

struct Priority {
  Turn turn = Turn::normal;
  std::string_view by = "class";  // who said it
};

std::string_view to_string(Turn turn);
std::optional<Turn> parse_turn(std::string_view text);

// Each as it came, empty when there is none. Nullopt: nothing was said.
std::optional<Priority> explicit_priority(std::string_view header, std::string_view metadata,
                                          std::string_view service_tier);

}  // namespace tpool::route
