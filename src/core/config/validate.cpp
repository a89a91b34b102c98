#include "core/config/validate.hpp"

#include <algorithm>
#include <set>

#include "core/config/condition.hpp"
#include "core/config/endpoint.hpp"
#include "core/config/routing_table.hpp"
#include "core/config/validator.hpp"

namespace tpool::config {

std::vector<Problem> Validator::run() {
  check_settings();
  for (const Provider& provider : config_.providers) check_provider(provider);
  for (const Model& model : config_.models) check_model(model);
  for (const Alias& alias : config_.aliases) check_alias(alias);
  for (const Rule& rule : config_.rules) check_rule(rule);
  for (const Group& group : config_.groups) {
    where_ = "group " + group.id;
    plain_id(group.id);
    proxy(group.proxy);
  }
  for (const Budget& budget : config_.budgets) check_budget(budget);
  for (const Client& client : config_.clients) check_client(client);
  check_unique();
  return std::move(problems_);
}

void Validator::check_settings() {
  const Settings& settings = config_.settings;
  where_ = "settings";
  if (config_.version != 1) add("version must be 1");
  if (settings.listen)
    if (const auto fault = listen_fault(*settings.listen)) add("listen " + *fault);
  word("strategy", words::strategies, settings.strategy);
  word("profile", words::profiles, settings.profile);
  word("on_unknown_model", words::on_unknown_model, settings.on_unknown_model);
  if (settings.default_model && !is_model_name(*settings.default_model))
    add("default_model is empty or unprintable");
  failover(settings.failover);
  proxy(settings.proxy);
  where_ = "routing";
  for (auto& fault : faults(config_.routing))
    add(std::move(fault), "man tpool.toml names every key, its default and its range");
  where_ = "pool";
  word("catalog", words::catalogs, config_.pool.catalog);
  names("hide", config_.pool.hide);
}

void Validator::check_model(const Model& model) {
  where_ = "model " + model.id;
  if (!is_model_name(model.id)) add("its id is empty or unprintable");
  failover(model.failover);
}

void Validator::check_alias(const Alias& alias) {
  where_ = "alias " + alias.name;
  if (!is_model_name(alias.name)) add("its name is empty or unprintable");
  if (!is_model_name(alias.target)) add("its target is empty or unprintable");
  // Following targets more often than there are aliases means going round.
  const std::string* at = &alias.target;
  for (std::size_t steps = 0; steps <= config_.aliases.size(); ++steps) {
    if (*at == alias.name) {
      add("it leads back to itself", "point one of the aliases at a slug or model");
      return;
    }
    const auto next = std::find_if(config_.aliases.begin(), config_.aliases.end(),
                                   [&](const Alias& other) { return other.name == *at; });
    if (next == config_.aliases.end()) return;
    at = &next->target;
  }
}

void Validator::check_rule(const Rule& rule) {
  where_ = "rule " + rule.id;
  plain_id(rule.id);
  if (rule.developer.has_value() == rule.model.has_value())
    add("it needs exactly one of developer and model");
  if (rule.provider.has_value() == rule.tag.has_value())
    add("it needs exactly one of provider and tag");
  if (rule.upstream && rule.match) add("it takes upstream or match, not both");
  if (rule.developer && (rule.upstream || rule.match))
    add("a developer rule takes neither upstream nor match",
        "write the rule for one model instead");
  for (const auto& value :
       {rule.developer, rule.model, rule.provider, rule.tag, rule.upstream, rule.match})
    if (value && !is_model_name(value->substr(0, 256))) {
      add("it holds an empty or unprintable value");
      break;
    }
  range("priority", rule.priority, -1'000'000, 1'000'000);
  if (rule.when)
    if (const auto read = Condition::parse(*rule.when); !read)
      add(read.error().message, read.error().hint);
}

void Validator::check_budget(const Budget& budget) {
  where_ = "budget " + budget.scope + (budget.name ? " " + *budget.name : "");
  word("scope", words::budget_scopes, budget.scope);
  word("on_exceed", words::on_exceed, budget.on_exceed);
  if (budget.scope == "total" && budget.name) add("a total budget takes no name");
  if (budget.scope != "total" && (!budget.name || budget.name->empty()))
    add("it needs the name of a " + budget.scope);
  if (budget.scope != "total" && budget.name && !budget.name->empty() &&
      !is_model_name(*budget.name))
    add("its name is unprintable or too long");
  if (!budget.usd_per_day) return add("it needs usd_per_day");
  // A NaN is neither.
  if (!(*budget.usd_per_day > 0 && *budget.usd_per_day <= 1e6))
    add("usd_per_day must be more than 0 and at most 1000000");
}

void Validator::check_client(const Client& client) {
  where_ = "client " + client.id;
  plain_id(client.id);
  const bool hash = client.token_sha256.size() == 64 &&
                    client.token_sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hash)
    add("token_sha256 must be 64 lowercase hex digits", "make a new token: tpool client create");
  word("scope", words::client_scopes, client.scope);
  names("models", client.models);
}

void Validator::check_unique() {
  std::set<std::string> seen;
  const auto once = [&](const std::string& what, const std::string& name) {
    where_ = what + " " + name;
    if (!seen.insert(where_).second) add("it is there twice", "remove or rename one of the two");
  };
  std::set<std::string> slugs;
  for (const Provider& provider : config_.providers) {
    once("provider", provider.id);
    for (const Key& key : provider.keys) once("key of provider " + provider.id, key.id);
    for (const ProviderModel& model : provider.model_facts) {
      once("model of provider " + provider.id, model.id);
      slugs.insert(provider.id + "/" + model.id);
    }
    if (provider.models)
      for (const std::string& model : *provider.models) slugs.insert(provider.id + "/" + model);
  }
  for (const Rule& rule : config_.rules) once("rule", rule.id);
  for (const Group& group : config_.groups) once("group", group.id);
  for (const Client& client : config_.clients) once("client", client.id);
  for (const Budget& budget : config_.budgets)
    once("budget", budget.scope + (budget.name ? " " + *budget.name : ""));
  std::set<std::string> models;
  for (const Model& model : config_.models) {
    once("model", model.id);
    models.insert(model.id);
    if (slugs.contains(model.id)) add("its id is also the slug of a provider's model");
  }
  for (const Alias& alias : config_.aliases) {
    once("alias", alias.name);
    if (slugs.contains(alias.name)) add("its name is also the slug of a provider's model");
    if (models.contains(alias.name)) add("its name is also the id of a model");
  }
}

std::vector<Problem> validate(const Config& config) { return Validator(config).run(); }

Result<> require_valid(const Config& config) {
  const auto problems = validate(config);
  if (problems.empty()) return {};
  if (problems.size() == 1)
    return invalid(problems[0].where + ": " + problems[0].message, problems[0].hint);
  std::string message = std::to_string(problems.size()) + " problems:";
  std::string hint;
  for (const Problem& problem : problems) {
    message += "\n  " + problem.where + ": " + problem.message;
    if (hint.empty()) hint = problem.hint;
  }
  return invalid(std::move(message), std::move(hint));
}

bool is_provider_id(std::string_view id) {
  return !id.empty() && id.size() <= 56 &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

}  // namespace tpool::config
