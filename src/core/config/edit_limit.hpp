// The verb behind `limit set --persist`: how many requests may run at once. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "core/config/store.hpp"

namespace tpool::config {

// For one key of a provider, for one of its models, or, with neither, for the whole provider.
// not_found names the nearest ids.
Result<Change> set_concurrency(Config& config, const std::string& provider,
                               const std::optional<std::string>& model,
                               const std::optional<std::string>& key, std::int64_t limit);

}  // namespace tpool::config
