// Unified diff of two texts with three lines of context, for --dry-run. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace tpool {

// Empty when the texts are equal. `name` heads the diff.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view name);

}  // namespace tpool
