// Everything wrong with a Config, not just the first thing.
//
// Pure: needs no disk and no network. A Problem names the entry by its id ("provider deepseek"),
// says what is wrong and what to do. Any thread.
#pragma once

#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/error.hpp"

namespace tpool::config {

struct Problem {
  std::string where;
  std::string message;
  std::string hint = {};
};

std::vector<Problem> validate(const Config& config);

// One `invalid` Error that lists every problem; success when there is none.
Result<> require_valid(const Config& config);

// Whether `id` may name a provider: [a-z0-9_-], 1 to 56 characters.
bool is_provider_id(std::string_view id);

}  // namespace tpool::config
