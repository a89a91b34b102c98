#include "cli/dangling.hpp"

#include <algorithm>

#include "core/catalog/pattern.hpp"
#include "core/config/edit.hpp"
#include "core/config/edit_budget.hpp"
#include "core/config/edit_model.hpp"

namespace tpool::cli {
namespace {

// Whether a name leads nowhere only because something is switched off, which is no mistake.
bool is_off(const config::Config& config, const std::string& name) {
  for (const auto& model : config.models)
    if (model.id == name) return true;
  const auto slash = name.find('/');
  const auto* provider = config::find_provider(config, name.substr(0, slash));
  // All of a provider's slugs, be there none now.
  const bool all = name.substr(std::min(slash, name.size())) == "/*";
  return slash != std::string::npos && provider && (all || !provider->enabled || !provider->pooled);
}

// One that leads to another alias is that one's matter.
void find_aliases(const catalog::Pool& pool, std::vector<config::Problem>& problems) {
  const auto& aliases = pool.config->aliases;
  for (const auto& alias : aliases) {
    if (leads_somewhere(pool, alias.target)) continue;
    if (std::any_of(aliases.begin(), aliases.end(),
                    [&](const auto& other) { return other.name == alias.target; }))
      continue;
    const auto why = pool.explain_unknown(alias.target);
    problems.push_back({"alias " + alias.name, why.message, why.hint});
  }
}

void find_failover(const catalog::Pool& pool, const std::string& where,
                   const std::optional<config::Failover>& failover,
                   std::vector<config::Problem>& problems) {
  if (!failover) return;
  for (const auto& name : failover->slugs) {
    if (leads_somewhere(pool, name)) continue;
    const auto why = pool.explain_unknown(name);
    problems.push_back({where, "failover: " + why.message, why.hint});
  }
}

void find_default(const catalog::Pool& pool, std::vector<config::Problem>& problems) {
  const auto& name = pool.config->settings.default_model;
  if (!name || leads_somewhere(pool, *name)) return;
  const auto why = pool.explain_unknown(*name);
  problems.push_back({"settings", "default_model: " + why.message, why.hint});
}

bool has_tag(const config::Config& config, const std::string& tag) {
  return std::ranges::any_of(config.providers, [&](const config::Provider& provider) {
    return std::ranges::find(provider.tags, tag) != provider.tags.end();
  });
}

// What a budget is for that is not there.
void find_budgets(const catalog::Pool& pool, std::vector<config::Problem>& problems) {
  const auto& config = *pool.config;
  for (const auto& budget : config.budgets) {
    const auto& name = budget.name.value_or("");
    const bool there =
        budget.scope == "total" ||
        (budget.scope == "provider" && config::find_provider(config, name)) ||
        (budget.scope == "model" && leads_somewhere(pool, name)) ||
        (budget.scope == "client" &&
         std::ranges::any_of(config.clients, [&](const auto& one) { return one.id == name; }));
    if (there) continue;
    problems.push_back({config::name_of(budget), "there is no " + budget.scope + " " + name,
                        "tpool budget remove " + budget.scope + " " + name});
  }
}

// A pattern that cannot be read lets its client use nothing.
void find_clients(const config::Config& config, std::vector<config::Problem>& problems) {
  for (const auto& client : config.clients)
    for (const auto& pattern : client.models)
      if (const auto fine = catalog::Pattern::compile(pattern); !fine)
        problems.push_back({"client " + client.id, fine.error().message, fine.error().hint});
}

}  // namespace

bool leads_somewhere(const catalog::Pool& pool, const std::string& name) {
  return pool.resolve(name) || is_off(*pool.config, name);
}

std::string missing_of(const config::Config& config, const config::Rule& rule) {
  if (rule.model && !config::find_model(config, *rule.model))
    return "there is no model " + *rule.model;
  if (rule.provider && !config::find_provider(config, *rule.provider))
    return "there is no provider " + *rule.provider;
  if (rule.tag && !has_tag(config, *rule.tag)) return "no provider has the tag " + *rule.tag;
  return {};
}

std::vector<config::Problem> find_dangling(const catalog::Pool& pool) {
  std::vector<config::Problem> problems;
  const auto& config = *pool.config;
  find_aliases(pool, problems);
  for (const auto& rule : config.rules)
    if (auto missing = missing_of(config, rule); rule.enabled && !missing.empty())
      problems.push_back({"rule " + rule.id, std::move(missing),
                          "tpool rule edit " + rule.id + ", or tpool rule remove " + rule.id});
  find_budgets(pool, problems);
  find_clients(config, problems);
  find_default(pool, problems);
  find_failover(pool, "settings", config.settings.failover, problems);
  for (const auto& provider : config.providers)
    find_failover(pool, "provider " + provider.id, provider.failover, problems);
  for (const auto& model : config.models)
    find_failover(pool, "model " + model.id, model.failover, problems);
  return problems;
}

}  // namespace tpool::cli
