// Durations as the store spells them: "250ms", "5s", "30m", "1h". Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/types.hpp"

namespace tpool::config {

// Nullopt for anything but digits and one of the four units, and for more than a year.
std::optional<Milliseconds> parse_duration(std::string_view text);

// In the largest unit that says it exactly.
std::string duration_text(Milliseconds duration);

}  // namespace tpool::config
