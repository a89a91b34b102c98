// What budgets have seen of today where no serve runs, and what they are called.
#pragma once

#include <string>

#include "cli/context.hpp"
#include "core/json/value.hpp"
#include "core/route/budget.hpp"

namespace tpool::cli {

// As the last serve left it: the same as it would say, had it nothing to do since. What it left
// that cannot be read is warned of, and counts as nothing spent.
route::Budgets kept_budgets(const Context& context, const config::Config& config);

// "total", "provider deepseek", of a row of /api/budgets.
std::string budget_name(json::Value row);

}  // namespace tpool::cli
