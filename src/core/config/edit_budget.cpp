#include "core/config/edit_budget.hpp"

#include <algorithm>

#include "core/config/edit.hpp"
#include "core/config/edit_lookup.hpp"
#include "core/config/words.hpp"

namespace tpool::config {
namespace {

using Text = std::optional<std::string>;

Result<> fitting(const std::string& scope, const Text& name) {
  if (!words::holds(words::budget_scopes, scope))
    return invalid("a budget has the scope " + words::list(words::budget_scopes) + ", not " +
                   scope);
  if (scope == "total" && name)
    return invalid("the budget total takes no name", "leave out " + *name);
  if (scope != "total" && (!name || name->empty()))
    return invalid("which " + scope + "?", "its name comes after the word " + scope);
  return {};
}

Error no_client(const Config& config, const std::string& id) {
  std::vector<std::string> known;
  for (const Client& client : config.clients) known.push_back(client.id);
  auto error = no_such("client", id, known);
  if (error.hint.empty()) error.hint = "tpool client list shows them";
  return error;
}

Result<> known_name(const Config& config, const std::string& scope, const Text& name) {
  if (scope == "provider" && !find_provider(config, *name)) return no_provider(config, *name);
  const bool client = std::ranges::any_of(
      config.clients, [&](const Client& one) { return name && one.id == *name; });
  if (scope == "client" && !client) return no_client(config, *name);
  return {};
}

std::vector<Budget>::iterator position_of(Config& config, const std::string& scope,
                                          const Text& name) {
  return std::ranges::find_if(config.budgets, [&](const Budget& budget) {
    return budget.scope == scope && budget.name == name;
  });
}

Error no_budget(const Config& config, const std::string& scope, const Text& name) {
  std::vector<std::string> names;
  for (const Budget& budget : config.budgets)
    if (budget.scope == scope && budget.name) names.push_back(*budget.name);
  auto error = name ? no_such("budget of the " + scope, *name, names)
                    : not_found("there is no budget " + scope);
  if (error.hint.empty())
    error.hint = config.budgets.empty() ? "there are none yet: tpool budget set"
                                        : "tpool budget list shows them";
  return error;
}

}  // namespace

std::string name_of(const Budget& budget) {
  return "budget " + budget.scope + (budget.name ? " " + *budget.name : "");
}

Result<Change> set_budget(Config& config, const std::string& scope, const Text& name,
                          const BudgetFields& fields) {
  if (const auto fits = fitting(scope, name); !fits) return fits.error();
  if (fields.on_exceed && !words::holds(words::on_exceed, *fields.on_exceed))
    return invalid("on_exceed must be " + words::list(words::on_exceed));
  auto found = position_of(config, scope, name);
  const bool fresh = found == config.budgets.end();
  if (fresh) {
    if (const auto known = known_name(config, scope, name); !known) return known.error();
    if (!fields.usd_per_day) return invalid("a new budget needs an amount", "add --usd-per-day N");
    found = config.budgets.insert(found, Budget{.scope = scope, .name = name});
  }
  const Budget before = *found;
  if (fields.usd_per_day) found->usd_per_day = fields.usd_per_day;
  if (fields.on_exceed) found->on_exceed = *fields.on_exceed;
  if (fresh) return Change{"made " + name_of(*found)};
  if (*found == before) return Change{name_of(*found) + " is already so"};
  return Change{"changed " + name_of(*found)};
}

Result<Change> remove_budget(Config& config, const std::string& scope, const Text& name) {
  if (const auto fits = fitting(scope, name); !fits) return fits.error();
  const auto found = position_of(config, scope, name);
  if (found == config.budgets.end()) return no_budget(config, scope, name);
  Change change{"removed " + name_of(*found)};
  config.budgets.erase(found);
  return change;
}

std::vector<std::string> client_users(const Config& config, const std::string& id) {
  std::vector<std::string> users;
  for (const Budget& budget : config.budgets)
    if (budget.scope == "client" && budget.name == id) users.push_back(name_of(budget));
  return users;
}

}  // namespace tpool::config
