#include "core/config/edit_model.hpp"

#include <algorithm>

#include "core/config/edit.hpp"
#include "core/config/edit_lookup.hpp"

namespace tpool::config {
namespace {

template <class T>
void take(std::optional<T>& field, const std::optional<T>& said) {
  if (said) field = said;
}

Result<> apply(Model& model, const ModelFields& fields) {
  if (fields.developer) {
    if (fields.developer->empty())
      model.developer.reset();
    else
      model.developer = *fields.developer;
  }
  if (fields.failover) {
    auto failover = parse_failover(*fields.failover);
    if (!failover) return failover.error();
    model.failover = std::move(*failover);
  }
  model.inherit = fields.inherit.value_or(model.inherit);
  model.fallback = fields.fallback.value_or(model.fallback);
  model.hidden = fields.hidden.value_or(model.hidden);
  model.disabled = fields.disabled.value_or(model.disabled);
  return {};
}

std::vector<Model>::iterator position_of(Config& config, const std::string& id) {
  return std::find_if(config.models.begin(), config.models.end(),
                      [&](const Model& model) { return model.id == id; });
}

Error no_model(const Config& config, const std::string& id) {
  std::vector<std::string> known;
  for (const Model& model : config.models) known.push_back(model.id);
  auto error = no_such("model", id, known);
  if (error.hint.empty()) error.hint = "tpool model add " + id + " makes it";
  return error;
}

bool names(const std::optional<Failover>& failover, const std::string& id) {
  return failover &&
         std::find(failover->slugs.begin(), failover->slugs.end(), id) != failover->slugs.end();
}

}  // namespace

const Model* find_model(const Config& config, std::string_view id) {
  for (const Model& model : config.models)
    if (model.id == id) return &model;
  return nullptr;
}

Result<Change> add_model(Config& config, const std::string& id, const ModelFields& fields) {
  if (find_model(config, id))
    return conflict("there is already a model " + id, "change it with: tpool model edit " + id);
  for (const Alias& alias : config.aliases)
    if (alias.name == id)
      return conflict("there is an alias " + id + ", so no model can have this id",
                      "choose another id, or remove the alias: tpool model alias --remove " + id);
  Model model{id};
  if (auto applied = apply(model, fields); !applied) return applied.error();
  config.models.push_back(std::move(model));
  return Change{"added model " + id};
}

Result<Change> edit_own_model(Config& config, const std::string& id, const ModelFields& fields) {
  const auto found = position_of(config, id);
  if (found == config.models.end()) return no_model(config, id);
  const Model before = *found;
  if (auto applied = apply(*found, fields); !applied) return applied.error();
  if (*found == before) return Change{"model " + id + " is already so"};
  return Change{"edited model " + id};
}

Result<Change> remove_model(Config& config, const std::string& id, bool force) {
  const auto found = position_of(config, id);
  if (found == config.models.end()) return no_model(config, id);
  if (const auto users = model_users(config, id); !users.empty() && !force) {
    std::string list;
    for (const auto& user : users) list += (list.empty() ? "" : ", ") + user;
    return conflict("model " + id + " is used by " + list, "change these first, or use --force");
  }
  config.models.erase(found);
  Change change{"removed model " + id};
  const auto rules =
      std::erase_if(config.rules, [&](const Rule& rule) { return rule.model == id; });
  if (rules > 0)
    change.notes.push_back(std::to_string(rules) +
                           (rules == 1 ? " rule went with it" : " rules went with it"));
  for (const auto& user : model_users(config, id)) change.notes.push_back(user + " still names it");
  return change;
}

std::vector<std::string> model_users(const Config& config, const std::string& id) {
  std::vector<std::string> users;
  if (config.settings.default_model == id) users.push_back("settings.default_model");
  if (names(config.settings.failover, id)) users.push_back("settings.failover");
  for (const Provider& provider : config.providers)
    if (names(provider.failover, id)) users.push_back("failover of provider " + provider.id);
  for (const Model& model : config.models)
    if (model.id != id && names(model.failover, id))
      users.push_back("failover of model " + model.id);
  for (const Alias& alias : config.aliases)
    if (alias.target == id) users.push_back("alias " + alias.name);
  for (const Rule& rule : config.rules)
    if (rule.model == id) users.push_back("rule " + rule.id);
  for (const Budget& budget : config.budgets)
    if (budget.scope == "model" && budget.name == id) users.push_back("budget model " + id);
  return users;
}

Result<Change> edit_model(Config& config, const std::string& provider, const ProviderModel& said,
                          bool afresh) {
  auto* owner = find_provider(config, provider);
  if (!owner) return no_provider(config, provider);
  auto& entries = owner->model_facts;
  auto entry = std::find_if(entries.begin(), entries.end(),
                            [&](const ProviderModel& one) { return one.id == said.id; });
  const ProviderModel nothing{.id = said.id};
  if (entry == entries.end()) entry = entries.insert(entries.end(), nothing);
  if (afresh) *entry = {.id = said.id, .upstream = entry->upstream, .limits = entry->limits};
  take(entry->name, said.name);
  take(entry->upstream, said.upstream);
  take(entry->context, said.context);
  take(entry->output, said.output);
  take(entry->input, said.input);
  take(entry->tool_call, said.tool_call);
  take(entry->reasoning, said.reasoning);
  take(entry->efforts, said.efforts);
  if (said.cost) {
    auto cost = entry->cost.value_or(Cost{});
    take(cost.input, said.cost->input);
    take(cost.output, said.cost->output);
    take(cost.cache_read, said.cost->cache_read);
    take(cost.cache_write, said.cost->cache_write);
    entry->cost = cost;
  }
  if (*entry == nothing) entries.erase(entry);
  return Change{"changed what is known of " + provider + "/" + said.id};
}

}  // namespace tpool::config
