#include "core/config/edit.hpp"

#include <algorithm>

#include "core/config/duration.hpp"
#include "core/config/edit_budget.hpp"
#include "core/config/edit_lookup.hpp"
#include "core/config/routing_table.hpp"
#include "core/config/words.hpp"

namespace tpool::config {
namespace {

template <class List>
auto with_id(List& list, const std::string& id) {
  return std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.id == id; });
}

template <class List>
std::vector<std::string> ids_of(const List& list) {
  std::vector<std::string> ids;
  for (const auto& item : list) ids.push_back(item.id);
  return ids;
}

std::string free_key_id(const Provider& provider) {
  std::string id = "main";
  for (int number = 2; with_id(provider.keys, id) != provider.keys.end(); ++number)
    id = "key-" + std::to_string(number);
  return id;
}

Result<> assign_text(std::optional<std::string>& field, const std::string& value) {
  if (value.empty())
    field.reset();
  else
    field = value;
  return {};
}

Result<> assign_word(std::optional<std::string>& field, const std::string& name,
                     const std::string& value, words::Set set) {
  if (!value.empty() && !words::holds(set, value))
    return invalid(name + " must be " + words::list(set));
  return assign_text(field, value);
}

Result<> assign_flag(std::optional<bool>& field, const std::string& name,
                     const std::string& value) {
  if (value == "true" || value == "false")
    field = value == "true";
  else if (value.empty())
    field.reset();
  else
    return invalid(name + " must be true or false");
  return {};
}

Result<> assign_duration(std::optional<Milliseconds>& field, const std::string& name,
                         const std::string& value) {
  const auto duration = parse_duration(value);
  if (!value.empty() && !duration)
    return invalid(name + " must be a duration such as 90s, 30m or 720h");
  field = duration;
  return {};
}

Result<> assign_setting(Settings& settings, const std::string& name, const std::string& value) {
  if (name == "listen") return assign_text(settings.listen, value);
  if (name == "default_model") return assign_text(settings.default_model, value);
  if (name == "proxy") return assign_text(settings.proxy, value);
  if (name == "strategy") return assign_word(settings.strategy, name, value, words::strategies);
  if (name == "profile") return assign_word(settings.profile, name, value, words::profiles);
  if (name == "on_unknown_model")
    return assign_word(settings.on_unknown_model, name, value, words::on_unknown_model);
  if (name == "effort_suffix") return assign_flag(settings.effort_suffix, name, value);
  if (name == "websocket") return assign_flag(settings.websocket, name, value);
  if (name == "keep_turns") return assign_duration(settings.keep_turns, name, value);
  if (name == "failover") {
    auto failover = parse_failover(value);
    if (!failover) return failover.error();
    settings.failover = std::move(*failover);
    return {};
  }
  return no_such("setting", name, setting_names());
}

}  // namespace

const std::vector<std::string>& setting_names() {
  static const auto names = [] {
    std::vector<std::string> all{"listen",        "strategy", "profile",       "on_unknown_model",
                                 "default_model", "failover", "effort_suffix", "websocket",
                                 "keep_turns",    "proxy"};
    for (const auto& key : routing_keys()) all.push_back("routing." + std::string(key.name));
    return all;
  }();
  return names;
}

Result<std::optional<Failover>> parse_failover(const std::string& value) {
  if (value.empty()) return std::optional<Failover>();
  if (value == "keys") return std::optional(Failover{});
  if (value == "same-model") return std::optional(Failover{Failover::Mode::same_model});
  if (value.find('/') == std::string::npos || value.find_first_of("[]\"'") != std::string::npos)
    return invalid("failover must be keys, same-model or slugs separated by commas",
                   "a slug is PROVIDER/MODEL, as tpool pool list shows them");
  Failover failover{Failover::Mode::list};
  for (std::size_t at = 0; at <= value.size();) {
    const std::size_t end = std::min(value.find(',', at), value.size());
    std::string slug = value.substr(at, end - at);
    slug.erase(0, slug.find_first_not_of(' '));
    while (!slug.empty() && slug.back() == ' ') slug.pop_back();
    if (!slug.empty()) failover.slugs.push_back(std::move(slug));
    at = end + 1;
  }
  return std::optional(std::move(failover));
}

Result<Change> add_key(Config& config, const std::string& provider_id, Key key) {
  Provider* provider = find_provider(config, provider_id);
  if (provider == nullptr) return no_provider(config, provider_id);
  if (key.id.empty()) key.id = free_key_id(*provider);
  if (with_id(provider->keys, key.id) != provider->keys.end())
    return conflict(
        "provider " + provider_id + " already has a key " + key.id,
        "choose another id, or remove it first: tpool key remove " + provider_id + " " + key.id);
  Change change{"added key " + key.id + " to provider " + provider_id};
  provider->keys.push_back(std::move(key));
  return change;
}

Result<Change> remove_key(Config& config, const std::string& provider_id, const std::string& id) {
  Provider* provider = find_provider(config, provider_id);
  if (provider == nullptr) return no_provider(config, provider_id);
  const auto found = with_id(provider->keys, id);
  if (found == provider->keys.end()) {
    auto error = no_such("key", id, ids_of(provider->keys));
    error.message = "provider " + provider_id + " has no key " + id;
    if (error.hint.empty()) error.hint = "tpool key list " + provider_id + " shows them";
    return error;
  }
  provider->keys.erase(found);
  Change change{"removed key " + id + " of provider " + provider_id};
  if (provider->keys.empty() && provider->auth != Auth::none)
    change.notes.push_back("provider " + provider_id + " has no key left");
  return change;
}

Result<Change> add_alias(Config& config, const std::string& name, const std::string& target,
                         bool hidden) {
  const auto found = std::find_if(config.aliases.begin(), config.aliases.end(),
                                  [&](const Alias& alias) { return alias.name == name; });
  if (found != config.aliases.end()) {
    if (found->target != target)
      return conflict("alias " + name + " already leads to " + found->target,
                      "remove it first: tpool model alias --remove " + name);
    if (found->hidden == hidden) return Change{"alias " + name + " already leads there"};
    found->hidden = hidden;
    return Change{hidden ? "hid alias " + name : "alias " + name + " is listed again"};
  }
  if (with_id(config.models, name) != config.models.end())
    return conflict("there is a model " + name + ", so no alias can have this name",
                    "choose another name");
  const auto slash = name.find('/');
  const Provider* provider =
      slash == std::string::npos ? nullptr : find_provider(config, name.substr(0, slash));
  if (provider != nullptr && provider->models &&
      std::find(provider->models->begin(), provider->models->end(), name.substr(slash + 1)) !=
          provider->models->end())
    return conflict(name + " is the slug of a model of provider " + provider->id,
                    "choose another name");
  config.aliases.push_back({name, target, hidden});
  return Change{"added alias " + name + " for " + target};
}

Result<Change> remove_alias(Config& config, const std::string& name) {
  const auto found = std::find_if(config.aliases.begin(), config.aliases.end(),
                                  [&](const Alias& alias) { return alias.name == name; });
  if (found == config.aliases.end()) {
    std::vector<std::string> known;
    for (const Alias& alias : config.aliases) known.push_back(alias.name);
    return no_such("alias", name, known);
  }
  config.aliases.erase(found);
  return Change{"removed alias " + name};
}

Result<Change> set_pool_enabled(Config& config, bool enabled,
                                const std::optional<std::string>& catalog) {
  const Pool before = config.pool;
  config.pool.enabled = enabled;
  if (catalog) {
    const auto assigned = assign_word(config.pool.catalog, "catalog", *catalog, words::catalogs);
    if (!assigned) return assigned.error();
  }
  const std::string word = enabled ? "enabled" : "disabled";
  if (config.pool == before) return Change{"the pool is already " + word};
  return Change{word + " the pool"};
}

Result<Change> set_setting(Config& config, const std::string& name, const std::string& value) {
  const Settings before = config.settings;
  const Routing numbers = config.routing;
  const std::string key = name.starts_with("settings.") ? name.substr(9) : name;
  const auto assigned = name.starts_with("routing.") ? assign(config.routing, key.substr(8), value)
                                                     : assign_setting(config.settings, key, value);
  if (!assigned) return assigned.error();
  if (config.settings == before && config.routing == numbers)
    return Change{"setting " + key + " is already so"};
  if (value.empty()) return Change{"cleared setting " + key};
  // A proxy's URL may hold credentials.
  return Change{key == "proxy" ? "set proxy" : "set " + key + " to " + value};
}

Result<Change> put_client(Config& config, Client client, bool replace) {
  const auto found = with_id(config.clients, client.id);
  if (found == config.clients.end()) {
    Change change{"added client " + client.id};
    config.clients.push_back(std::move(client));
    return change;
  }
  if (!replace)
    return conflict("there is already a client " + client.id,
                    "revoke it first: tpool client revoke " + client.id);
  if (found->token_sha256 == client.token_sha256)
    return Change{"client " + client.id + " already has this token"};
  found->token_sha256 = client.token_sha256;
  return Change{"replaced the token of client " + client.id};
}

Result<Change> revoke_client(Config& config, const std::string& id, bool force) {
  const auto found = with_id(config.clients, id);
  if (found == config.clients.end()) {
    auto error = no_such("client", id, ids_of(config.clients));
    if (error.hint.empty()) error.hint = "tpool client list shows them";
    return error;
  }
  const auto users = client_users(config, id);
  if (!users.empty() && !force)
    return conflict("client " + id + " is used by " + users.front(),
                    "remove that first, or use --force");
  config.clients.erase(found);
  Change change{"revoked client " + id};
  for (const auto& user : users) change.notes.push_back(user + " still names it");
  return change;
}

}  // namespace tpool::config
