#include "core/catalog/rules.hpp"

#include <algorithm>
#include <tuple>

namespace tpool::catalog {

std::vector<EffectiveRule> effective_rules(const config::Config& config, const config::Model& model,
                                           const std::string& developer) {
  std::vector<EffectiveRule> rules;
  for (const auto& rule : config.rules) {
    if (!rule.enabled) continue;
    if (rule.model == model.id)
      rules.push_back({&rule, false});
    else if (model.inherit && rule.developer == developer)
      rules.push_back({&rule, true});
  }
  const auto rank = [](const EffectiveRule& one) {
    return std::tuple(one.rule->priority, one.inherited);
  };
  std::ranges::stable_sort(rules, {}, rank);
  return rules;
}

std::string developer_of(const config::Model& model, const FactsBook* book) {
  if (model.developer) return *model.developer;
  return facts_for(model.id, nullptr, book).developer;
}

std::string describe(const config::Rule& rule) {
  auto text = "rule " + rule.id + " (";
  text += rule.provider ? "provider " + *rule.provider : "tag " + rule.tag.value_or("");
  if (rule.upstream) text += ", upstream " + *rule.upstream;
  if (rule.match) text += ", match " + *rule.match;
  text += ", priority " + std::to_string(rule.priority);
  if (rule.when) text += ", when " + *rule.when;
  return text + ")";
}

}  // namespace tpool::catalog
