// What the verbs answer when a name leads nowhere. Any thread.
#pragma once

#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/error.hpp"

namespace tpool::config {

// not_found for `what name`, with the nearest of `known` as the hint.
Error no_such(const std::string& what, const std::string& name,
              const std::vector<std::string>& known);

Error no_provider(const Config& config, const std::string& id);

}  // namespace tpool::config
