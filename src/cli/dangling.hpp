// Names in the store that lead nowhere: no error while serving, and worth telling their owner.
#pragma once

#include <string>
#include <vector>

#include "core/catalog/pool.hpp"
#include "core/config/config.hpp"
#include "core/config/validate.hpp"

namespace tpool::cli {

// What a rule names that is not there: "there is no provider x"; empty when all of it is.
std::string missing_of(const config::Config& config, const config::Rule& rule);

// Whether a name of the pool leads to a model, be it one that is switched off.
bool leads_somewhere(const catalog::Pool& pool, const std::string& name);

// Aliases, rules, budgets, clients and failover lists that name what is not there. What is only
// switched off is no mistake.
std::vector<config::Problem> find_dangling(const catalog::Pool& pool);

}  // namespace tpool::cli
