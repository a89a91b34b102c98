// Budgets: what may be spent in a day, of all, of a provider, of a model, or by a client.
//
// As in config/edit: each changes only what its arguments name. A budget is found by its scope and
// name. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/config/store.hpp"
#include "core/error.hpp"

namespace tpool::config {

struct BudgetFields {
  std::optional<double> usd_per_day = {};
  std::optional<std::string> on_exceed = {};  // block | cheapest
};

// Makes the budget, which needs usd_per_day, or changes it. not_found names the nearest providers
// or clients; what a model is only the pool knows, so its name is the caller's to check.
Result<Change> set_budget(Config& config, const std::string& scope,
                          const std::optional<std::string>& name, const BudgetFields& fields);
Result<Change> remove_budget(Config& config, const std::string& scope,
                             const std::optional<std::string>& name);

// Who names a client: "budget client laptop".
std::vector<std::string> client_users(const Config& config, const std::string& id);

// "budget total", "budget provider deepseek"
std::string name_of(const Budget& budget);

}  // namespace tpool::config
