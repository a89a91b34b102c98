#include "cli/rule_effect.hpp"

#include <algorithm>

#include "cli/context.hpp"
#include "core/catalog/rules.hpp"

namespace tpool::cli {
namespace {

constexpr std::size_t most_reasons = 3;

const catalog::FactsBook* book_of(const catalog::Pool& pool) {
  return pool.providers.empty() ? nullptr : pool.providers.front().book.get();
}

std::vector<const config::Model*> models_for(const catalog::Pool& pool, const config::Rule& rule) {
  std::vector<const config::Model*> models;
  for (const auto& model : pool.config->models) {
    const auto rules =
        catalog::effective_rules(*pool.config, model, catalog::developer_of(model, book_of(pool)));
    if (std::ranges::find(rules, &rule, &catalog::EffectiveRule::rule) != rules.end())
      models.push_back(&model);
  }
  return models;
}

std::string why_for_nobody(const catalog::Pool& pool, const config::Rule& rule) {
  if (!rule.enabled) return "it is switched off";
  if (rule.model) return pool.explain_unknown(*rule.model).message;
  std::vector<std::string> opted_out;
  for (const auto& model : pool.config->models)
    if (catalog::developer_of(model, book_of(pool)) == rule.developer)
      opted_out.push_back(model.id);
  if (opted_out.empty())
    return "rules hold for models of your own, made with tpool model add, and none of those is " +
           rule.developer.value_or("") + "'s";
  return "inherit = false keeps it from " + join(opted_out, ", ");
}

// The rule that is asked before `rule` and places the model at the same place for every request.
std::string taken_by(const catalog::Entry& entry, const catalog::Route& place) {
  for (const auto& route : entry.routes)
    if (route.provider == place.provider && route.upstream == place.upstream && !route.when)
      return "rule " + route.rule + ", priority " + std::to_string(route.tier);
  return {};
}

std::string why_not(const catalog::Pool& pool, const catalog::Pool& alone,
                    const config::Model& model, const config::Rule& rule) {
  if (model.disabled) return "model " + model.id + " is disabled";
  const auto name = catalog::strip_marker(model.id).name;
  const auto* by_itself = alone.find(name);
  const auto* entry = pool.find(name);
  if (!by_itself || !entry) return catalog::fruitless(pool, model, rule);
  for (const auto& place : by_itself->routes)
    if (auto other = taken_by(*entry, place); !other.empty())
      return other + ", is asked before it and places " + model.id + " at " +
             pool.providers[place.provider].id + "/" + place.upstream + " already";
  return catalog::fruitless(pool, model, rule);
}

}  // namespace

std::vector<std::string> models_of(const catalog::Pool& pool, const config::Rule& rule) {
  std::vector<std::string> models;
  for (const auto& entry : pool.entries)
    if (entry.kind == catalog::Entry::Kind::model &&
        std::ranges::find(entry.routes, rule.id, &catalog::Route::rule) != entry.routes.end())
      models.push_back(entry.name);
  return models;
}

std::string why_idle(const config::Paths& paths, const catalog::Pool& pool,
                     const config::Rule& rule) {
  const auto models = models_for(pool, rule);
  if (models.empty()) return why_for_nobody(pool, rule);
  auto config = *pool.config;
  config.rules = {rule};
  const auto alone = build_pool(paths, config, "");
  if (!alone) return alone.error().message;
  std::vector<std::string> reasons;
  for (const auto* model : models)
    if (auto reason = why_not(pool, **alone, *model, rule);
        std::ranges::find(reasons, reason) == reasons.end())
      reasons.push_back(std::move(reason));
  const auto more = reasons.size() - std::min(reasons.size(), most_reasons);
  reasons.resize(reasons.size() - more);
  if (more > 0) reasons.push_back("and " + std::to_string(more) + " more");
  return join(reasons, "; ");
}

}  // namespace tpool::cli
