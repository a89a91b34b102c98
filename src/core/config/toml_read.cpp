#include "core/config/routing_table.hpp"
#include "core/config/toml.hpp"
#include "core/config/toml_table.hpp"

namespace tpool::config {
namespace {

void read_limits(const TomlTable& table, Limits& out) {
  const auto limits = table.table("limits");
  if (!limits) return;
  limits->read("concurrency", out.concurrency);
  limits->read("queue", out.queue);
  limits->read("rpm", out.rpm);
  limits->read("tpm", out.tpm);
  limits->read("tokens_5m", out.tokens_5m);
}

void read_timeouts(const TomlTable& table, Timeouts& out) {
  const auto timeouts = table.table("timeouts");
  if (!timeouts) return;
  timeouts->read("connect", out.connect);
  timeouts->read("first_byte", out.first_byte);
  timeouts->read("idle", out.idle);
  timeouts->read("total", out.total);
}

void read_secret(const TomlTable& table, Report& report, SecretRef& out) {
  const auto source = [&](std::string_view key, SecretRef::Kind kind) {
    const TomlNode* found = table.find(key);
    if (found == nullptr) return;
    if (out.kind != SecretRef::Kind::none)
      report.add(*found, "a key takes one of env, file, command and value, not two");
    out.kind = kind;
    if (kind == SecretRef::Kind::command)
      table.read(key, out.argv);
    else
      table.read(key, out.text);
  };
  source("env", SecretRef::Kind::env);
  source("file", SecretRef::Kind::file);
  source("command", SecretRef::Kind::command);
  source("value", SecretRef::Kind::value);
}

Key read_key(const TomlTable& table, Report& report) {
  Key key;
  table.read_required("id", key.id);
  read_secret(table, report, key.secret);
  table.read("group", key.group);
  table.read("proxy", key.proxy);
  read_limits(table, key.limits);
  table.read("enabled", key.enabled);
  return key;
}

ProviderModel read_provider_model(const TomlTable& table) {
  ProviderModel model;
  table.read_required("id", model.id);
  table.read("name", model.name);
  table.read("upstream", model.upstream);
  table.read("context", model.context);
  table.read("output", model.output);
  table.read("input", model.input);
  table.read("tool_call", model.tool_call);
  table.read("reasoning", model.reasoning);
  table.read("efforts", model.efforts);
  if (const auto cost = table.table("cost")) {
    model.cost.emplace();
    cost->read("input", model.cost->input);
    cost->read("output", model.cost->output);
    cost->read("cache_read", model.cost->cache_read);
    cost->read("cache_write", model.cost->cache_write);
    // A table that says nothing is no price list.
    if (*model.cost == Cost{}) model.cost.reset();
  }
  read_limits(table, model.limits);
  return model;
}

Provider read_provider(const TomlTable& table, Report& report) {
  Provider provider;
  std::optional<std::string> word;
  table.read_required("id", provider.id);
  table.read("name", provider.name);
  table.read("preset", provider.preset);
  table.read_word("protocol", words::protocols, word);
  if (word) provider.protocol = parse_protocol(*word);
  word.reset();
  table.read_word("auth", words::auths, word);
  if (word) provider.auth = parse_auth(*word);
  table.read("base_url", provider.base_url);
  table.read("headers", provider.headers);
  table.read("tags", provider.tags);
  table.read("tier", provider.tier);
  table.read("weight", provider.weight);
  table.read("enabled", provider.enabled);
  table.read("pooled", provider.pooled);
  table.read("failover", provider.failover);
  table.read("proxy", provider.proxy);
  read_limits(table, provider.limits);
  read_timeouts(table, provider.timeouts);
  table.read("models", provider.models);
  table.read("map", provider.map);
  table.read("exclude", provider.exclude);
  table.read_flags("quirks", provider.quirks);
  table.read_list("key",
                  [&](const TomlTable& key) { provider.keys.push_back(read_key(key, report)); });
  table.read_list("model", [&](const TomlTable& model) {
    provider.model_facts.push_back(read_provider_model(model));
  });
  return provider;
}

Model read_model(const TomlTable& table) {
  Model model;
  table.read_required("id", model.id);
  table.read("developer", model.developer);
  table.read("inherit", model.inherit);
  table.read("fallback", model.fallback);
  table.read("hidden", model.hidden);
  table.read("disabled", model.disabled);
  table.read("failover", model.failover);
  return model;
}

Alias read_alias(const TomlTable& table) {
  Alias alias;
  table.read_required("name", alias.name);
  table.read_required("target", alias.target);
  table.read("hidden", alias.hidden);
  return alias;
}

Rule read_rule(const TomlTable& table) {
  Rule rule;
  table.read_required("id", rule.id);
  table.read("developer", rule.developer);
  table.read("model", rule.model);
  table.read("provider", rule.provider);
  table.read("tag", rule.tag);
  table.read("upstream", rule.upstream);
  table.read("match", rule.match);
  table.read("priority", rule.priority);
  table.read("when", rule.when);
  table.read("enabled", rule.enabled);
  return rule;
}

Group read_group(const TomlTable& table) {
  Group group;
  table.read_required("id", group.id);
  table.read("proxy", group.proxy);
  return group;
}

Budget read_budget(const TomlTable& table) {
  Budget budget;
  table.read_required("scope", budget.scope);
  table.read_word("scope", words::budget_scopes, budget.scope);
  table.read("name", budget.name);
  table.read("usd_per_day", budget.usd_per_day);
  table.read_word("on_exceed", words::on_exceed, budget.on_exceed);
  return budget;
}

Client read_client(const TomlTable& table) {
  Client client;
  table.read_required("id", client.id);
  table.read_required("token_sha256", client.token_sha256);
  table.read_word("scope", words::client_scopes, client.scope);
  table.read("models", client.models);
  return client;
}

void read_settings(const TomlTable& root, Settings& out) {
  const auto settings = root.table("settings");
  if (!settings) return;
  settings->read("listen", out.listen);
  settings->read_word("strategy", words::strategies, out.strategy);
  settings->read_word("profile", words::profiles, out.profile);
  settings->read_word("on_unknown_model", words::on_unknown_model, out.on_unknown_model);
  settings->read("default_model", out.default_model);
  settings->read("failover", out.failover);
  settings->read("effort_suffix", out.effort_suffix);
  settings->read("websocket", out.websocket);
  settings->read("keep_turns", out.keep_turns);
  settings->read("proxy", out.proxy);
}

void read_routing(const TomlTable& root, Routing& out) {
  const auto routing = root.table("routing");
  if (!routing) return;
  each_number(out, [&](const RoutingKey& key, auto& number, std::size_t place) {
    std::optional<std::remove_reference_t<decltype(number)>> read;
    routing->read(key.name, read);
    if (!read) return;
    number = *read;
    out.said.set(place);
  });
}

void read_pool(const TomlTable& root, Pool& out) {
  const auto pool = root.table("pool");
  if (!pool) return;
  pool->read("enabled", out.enabled);
  pool->read_word("catalog", words::catalogs, out.catalog);
  pool->read("hide", out.hide);
}

void read_version(const TomlTable& root, Report& report, std::int64_t& out) {
  root.read("version", out);
  if (report.first || out == 1) return;
  if (out > 1)
    report.add(*root.find("version"),
               "this store is version " + std::to_string(out) + ", and this tpool reads version 1",
               "use the newer tpool that wrote it; nothing was changed");
  else
    report.add(*root.find("version"), "version must be 1");
}

}  // namespace

Result<Config> parse(std::string_view text, const std::string& name,
                     std::vector<std::string>* unknown) {
  const auto tree = read_tree(text, name);
  if (!tree) return tree.error();
  Report report{name};
  const TomlTable root(tree->root, "", report);
  Config config;
  // First, since in a newer store every other key may mean something else.
  read_version(root, report, config.version);
  read_settings(root, config.settings);
  read_routing(root, config.routing);
  read_pool(root, config.pool);
  root.read_list("provider", [&](const TomlTable& table) {
    config.providers.push_back(read_provider(table, report));
  });
  root.read_list("model", [&](const TomlTable& t) { config.models.push_back(read_model(t)); });
  root.read_list("alias", [&](const TomlTable& t) { config.aliases.push_back(read_alias(t)); });
  root.read_list("rule", [&](const TomlTable& t) { config.rules.push_back(read_rule(t)); });
  root.read_list("group", [&](const TomlTable& t) { config.groups.push_back(read_group(t)); });
  root.read_list("budget", [&](const TomlTable& t) { config.budgets.push_back(read_budget(t)); });
  root.read_list("client", [&](const TomlTable& t) { config.clients.push_back(read_client(t)); });
  if (report.first) return *report.first;
  if (unknown) *unknown = unknown_keys(report);
  return config;
}

}  // namespace tpool::config
