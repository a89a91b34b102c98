#include <algorithm>

#include "core/config/edit.hpp"
#include "core/config/edit_lookup.hpp"
#include "core/config/validate.hpp"
#include "core/config/words.hpp"

namespace tpool::config {
namespace {

void assign(std::optional<std::string>& field, const std::optional<std::string>& value) {
  if (!value) return;
  if (value->empty())
    field.reset();
  else
    field = *value;
}

void assign(std::optional<std::int64_t>& field, const std::optional<std::int64_t>& value) {
  if (!value) return;
  if (*value == 0)
    field.reset();
  else
    field = *value;
}

template <class Enum, class Parse>
Result<> assign_word(std::optional<Enum>& field, const std::optional<std::string>& value,
                     const std::string& name, words::Set set, Parse parse) {
  if (!value) return {};
  if (value->empty()) {
    field.reset();
    return {};
  }
  const auto parsed = parse(*value);
  if (!parsed) return invalid(name + " must be " + words::list(set));
  field = *parsed;
  return {};
}

Result<std::vector<std::string>> apply_fields(Provider& provider, const ProviderFields& fields) {
  if (fields.all_models && fields.models)
    return invalid("a provider has either a list of models or all of them, not both");
  const Provider before = provider;
  assign(provider.name, fields.name);
  assign(provider.preset, fields.preset);
  assign(provider.base_url, fields.base_url);
  assign(provider.proxy, fields.proxy);
  const auto protocol =
      assign_word(provider.protocol, fields.protocol, "protocol", words::protocols, parse_protocol);
  if (!protocol) return protocol.error();
  const auto auth = assign_word(provider.auth, fields.auth, "auth", words::auths, parse_auth);
  if (!auth) return auth.error();
  if (fields.failover) {
    auto failover = parse_failover(*fields.failover);
    if (!failover) return failover.error();
    provider.failover = std::move(*failover);
  }
  if (fields.tags) provider.tags = *fields.tags;
  if (fields.exclude) provider.exclude = *fields.exclude;
  assign(provider.limits.concurrency, fields.concurrency);
  assign(provider.limits.rpm, fields.rpm);
  assign(provider.limits.tpm, fields.tpm);
  if (fields.models) provider.models = *fields.models;
  if (fields.all_models) provider.models.reset();
  std::vector<std::string> notes;
  const bool elsewhere = before.base_url != provider.base_url ||
                         before.protocol != provider.protocol || before.preset != provider.preset;
  if (elsewhere && !fields.models && provider.models && !provider.models->empty()) {
    provider.models->clear();
    notes.push_back("the list of " + std::to_string(before.models->size()) +
                    " models was emptied: its ids belong to the address it had before");
  }
  return notes;
}

bool names_provider(std::string_view slug, const std::string& id) {
  return slug.size() > id.size() && slug.starts_with(id) && slug[id.size()] == '/';
}

bool names_provider(const std::optional<Failover>& failover, const std::string& id) {
  return failover && std::any_of(failover->slugs.begin(), failover->slugs.end(),
                                 [&](const std::string& slug) { return names_provider(slug, id); });
}

void follow(std::string& slug, const std::string& id, const std::string& new_id) {
  if (names_provider(slug, id)) slug.replace(0, id.size(), new_id);
}

void follow(std::optional<std::string>& slug, const std::string& id, const std::string& new_id) {
  if (slug) follow(*slug, id, new_id);
}

void follow(std::vector<std::string>& slugs, const std::string& id, const std::string& new_id) {
  for (std::string& slug : slugs) follow(slug, id, new_id);
}

void follow(std::optional<Failover>& failover, const std::string& id, const std::string& new_id) {
  if (failover) follow(failover->slugs, id, new_id);
}

void follow_everywhere(Config& config, const std::string& id, const std::string& new_id) {
  follow(config.settings.default_model, id, new_id);
  follow(config.settings.failover, id, new_id);
  follow(config.pool.hide, id, new_id);
  for (Provider& provider : config.providers) follow(provider.failover, id, new_id);
  for (Model& model : config.models) follow(model.failover, id, new_id);
  for (Alias& alias : config.aliases) follow(alias.target, id, new_id);
  for (Rule& rule : config.rules)
    if (rule.provider == id) rule.provider = new_id;
  for (Budget& budget : config.budgets) {
    if (budget.scope == "provider" && budget.name == id) budget.name = new_id;
    if (budget.scope == "model") follow(budget.name, id, new_id);
  }
}

// The old patterns stay beside the new: the old slugs go on as aliases, judged by their own names.
void widen(Client& client, const std::string& id, const std::string& new_id) {
  std::vector<std::string> models;
  const auto add = [&](std::string pattern) {
    if (std::ranges::find(models, pattern) == models.end()) models.push_back(std::move(pattern));
  };
  for (std::string pattern : client.models) {
    const std::string old = pattern;
    follow(pattern, id, new_id);
    add(std::move(pattern));
    add(old);
  }
  client.models = std::move(models);
}

// Whether a pattern may have matched slugs of this provider without naming it in full: a regular
// expression, or a glob whose first wildcard stands for some of the id.
bool may_have_matched(std::string_view pattern, const std::string& id) {
  if (pattern.size() > 2 && pattern.front() == '/' && pattern.back() == '/') return true;
  const auto wildcard = pattern.find_first_of("*?");
  // What begins with a * that takes all of the id, takes the new one too.
  if (wildcard == std::string_view::npos || pattern == "*" || pattern.starts_with("*/"))
    return false;
  return id.starts_with(pattern.substr(0, wildcard));
}

void follow_in_clients(Config& config, const std::string& id, const std::string& new_id,
                       std::vector<std::string>& notes) {
  for (Client& client : config.clients) {
    for (const std::string& pattern : client.models)
      if (may_have_matched(pattern, id))
        notes.push_back("client " + client.id + ": the pattern " + pattern +
                        " is left as it is and may not match the new slugs");
    widen(client, id, new_id);
  }
}

std::vector<Provider>::iterator position_of(Config& config, const std::string& id) {
  return std::find_if(config.providers.begin(), config.providers.end(),
                      [&](const Provider& provider) { return provider.id == id; });
}

Result<> check_id(const std::string& id) {
  if (is_provider_id(id)) return {};
  return invalid("\"" + id + "\" cannot name a provider", "use 1 to 56 of a-z, 0-9, _ and -");
}

}  // namespace

Result<Change> add_provider(Config& config, const std::string& id, const ProviderFields& fields,
                            std::optional<Key> key) {
  const auto checked = check_id(id);
  if (!checked) return checked.error();
  if (find_provider(config, id) != nullptr)
    return conflict("there is already a provider " + id,
                    "change it with: tpool provider edit " + id);
  Provider provider{id};
  const auto notes = apply_fields(provider, fields);
  if (!notes) return notes.error();
  config.providers.push_back(std::move(provider));
  if (key) {
    const auto added = add_key(config, id, std::move(*key));
    if (!added) return added.error();
  }
  return Change{"added provider " + id, *notes};
}

Result<Change> edit_provider(Config& config, const std::string& id, const ProviderFields& fields) {
  Provider* provider = find_provider(config, id);
  if (provider == nullptr) return no_provider(config, id);
  const Provider before = *provider;
  const auto notes = apply_fields(*provider, fields);
  if (!notes) return notes.error();
  if (*provider == before) return Change{"provider " + id + " is already so"};
  return Change{"edited provider " + id, *notes};
}

Result<Change> rename_provider(Config& config, const std::string& id, const std::string& new_id) {
  Provider* provider = find_provider(config, id);
  if (provider == nullptr) return no_provider(config, id);
  const auto checked = check_id(new_id);
  if (!checked) return checked.error();
  if (id == new_id) return Change{"provider " + id + " already has this id"};
  if (find_provider(config, new_id) != nullptr)
    return conflict("there is already a provider " + new_id, "choose another id");
  provider->id = new_id;
  follow_everywhere(config, id, new_id);
  // Left by an earlier rename away from this id; the slug itself answers again.
  std::erase_if(config.aliases, [](const Alias& alias) { return alias.name == alias.target; });
  Change change{"renamed provider " + id + " to " + new_id};
  // One for all it lists, if it has no list of its own.
  const std::size_t before = config.aliases.size();
  for (const std::string& model : provider->models.value_or(std::vector<std::string>{"*"})) {
    const std::string old_slug = id + "/" + model;
    const bool taken = std::any_of(config.aliases.begin(), config.aliases.end(),
                                   [&](const Alias& alias) { return alias.name == old_slug; });
    if (!taken) config.aliases.push_back({old_slug, new_id + "/" + model, true});
  }
  if (const std::size_t added = config.aliases.size() - before; added > 0)
    change.notes.push_back("the old slugs keep working: " + std::to_string(added) +
                           (added == 1 ? " alias was added" : " aliases were added"));
  follow_in_clients(config, id, new_id, change.notes);
  return change;
}

Result<Change> remove_provider(Config& config, const std::string& id, bool force) {
  const auto found = position_of(config, id);
  if (found == config.providers.end()) return no_provider(config, id);
  const auto users = provider_users(config, id);
  if (!users.empty() && !force) {
    std::string list;
    for (const std::string& user : users) list += (list.empty() ? "" : ", ") + user;
    return conflict("provider " + id + " is used by " + list,
                    "change these first, or use --force, which leaves them as they are");
  }
  config.providers.erase(found);
  Change change{"removed provider " + id};
  for (const std::string& user : users) change.notes.push_back(user + " still names it");
  return change;
}

Result<Change> set_provider_enabled(Config& config, const std::string& id, bool enabled) {
  Provider* provider = find_provider(config, id);
  if (provider == nullptr) return no_provider(config, id);
  const std::string word = enabled ? "enabled" : "disabled";
  if (provider->enabled == enabled) return Change{"provider " + id + " is already " + word};
  provider->enabled = enabled;
  return Change{word + " provider " + id};
}

Result<Change> move_provider(Config& config, const std::string& id,
                             const std::optional<std::string>& before,
                             const std::optional<std::string>& after) {
  if (before.has_value() == after.has_value())
    return invalid("say where to: before one provider or after one");
  const std::string& other = before ? *before : *after;
  const auto found = position_of(config, id);
  if (found == config.providers.end()) return no_provider(config, id);
  if (find_provider(config, other) == nullptr) return no_provider(config, other);
  const std::string where = (before ? " before " : " after ") + other;
  if (id == other) return invalid("a provider cannot move" + where + ", itself");
  const std::vector<Provider> old_order = config.providers;
  Provider provider = std::move(*found);
  config.providers.erase(found);
  const auto target = position_of(config, other);
  config.providers.insert(before ? target : target + 1, std::move(provider));
  if (config.providers == old_order) return Change{"provider " + id + " is already" + where};
  return Change{"moved provider " + id + where};
}

std::vector<std::string> provider_users(const Config& config, const std::string& id) {
  std::vector<std::string> users;
  if (config.settings.default_model && names_provider(*config.settings.default_model, id))
    users.push_back("settings.default_model");
  if (names_provider(config.settings.failover, id)) users.push_back("settings.failover");
  for (const Provider& provider : config.providers)
    if (provider.id != id && names_provider(provider.failover, id))
      users.push_back("failover of provider " + provider.id);
  for (const Model& model : config.models)
    if (names_provider(model.failover, id)) users.push_back("failover of model " + model.id);
  for (const Alias& alias : config.aliases)
    if (names_provider(alias.target, id)) users.push_back("alias " + alias.name);
  for (const Rule& rule : config.rules)
    if (rule.provider == id) users.push_back("rule " + rule.id);
  for (const Budget& budget : config.budgets)
    if ((budget.scope == "provider" && budget.name == id) ||
        (budget.scope == "model" && budget.name && names_provider(*budget.name, id)))
      users.push_back("budget " + budget.scope + " " + *budget.name);
  return users;
}

const Provider* find_provider(const Config& config, std::string_view id) {
  for (const Provider& provider : config.providers)
    if (provider.id == id) return &provider;
  return nullptr;
}

Provider* find_provider(Config& config, std::string_view id) {
  for (Provider& provider : config.providers)
    if (provider.id == id) return &provider;
  return nullptr;
}

}  // namespace tpool::config
