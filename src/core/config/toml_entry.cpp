#include "core/config/toml_entry.hpp"

#include <charconv>
#include <map>

#include "core/config/duration.hpp"
#include "core/config/routing_table.hpp"

namespace tpool::config {
namespace {

std::string text_of(const std::string& value) { return quote(value); }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(std::int64_t value) { return std::to_string(value); }
std::string text_of(Milliseconds value) { return quote(duration_text(value)); }

std::string text_of(double value) {
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, end);
  // Without a point or an exponent it would be read back as a whole number.
  if (text.find_first_of(".einf") == std::string::npos) text += ".0";
  return text;
}

std::string text_of(const std::vector<std::string>& values) {
  std::string text = "[";
  for (std::size_t i = 0; i < values.size(); ++i) text += (i > 0 ? ", " : "") + quote(values[i]);
  return text + "]";
}

std::string text_of(const Failover& value) {
  if (value.mode == Failover::Mode::list) return text_of(value.slugs);
  return value.mode == Failover::Mode::keys ? "\"keys\"" : "\"same-model\"";
}

// A quirk is written as the kind of value it looks like.
std::string flag_text(const std::string& value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = error == std::errc() && end == value.data() + value.size();
  if (value == "true" || value == "false" || (whole && std::to_string(number) == value))
    return value;
  return quote(value);
}

class Fields {
 public:
  template <class T>
  void add(KeyPath path, const T& value) {
    fields_.push_back({std::move(path), text_of(value)});
  }
  template <class T>
  void add(KeyPath path, const std::optional<T>& value) {
    fields_.push_back({std::move(path)});
    if (value) fields_.back().value = text_of(*value);
  }
  // Written only when it is not what absence means.
  template <class T>
  void add_unless(KeyPath path, const T& value, const T& fallback) {
    fields_.push_back({std::move(path), std::nullopt, text_of(fallback)});
    if (value != fallback) fields_.back().value = text_of(value);
  }
  void add_filled(KeyPath path, const std::vector<std::string>& values) {
    fields_.push_back({std::move(path)});
    if (!values.empty()) fields_.back().value = text_of(values);
  }
  void add_map(const std::string& name, const std::map<std::string, std::string>& values,
               bool flags = false) {
    for (const auto& [key, value] : values)
      fields_.push_back({{name, key}, flags ? flag_text(value) : quote(value)});
  }
  void add_limits(const Limits& limits) {
    add({"limits", "concurrency"}, limits.concurrency);
    add({"limits", "queue"}, limits.queue);
    add({"limits", "rpm"}, limits.rpm);
    add({"limits", "tpm"}, limits.tpm);
    add({"limits", "tokens_5m"}, limits.tokens_5m);
  }
  std::vector<TomlField> take() { return std::move(fields_); }

 private:
  std::vector<TomlField> fields_;
};

TomlEntry entry_of(const Key& key) {
  Fields fields;
  const auto source = [&](const char* name, SecretRef::Kind kind) {
    fields.add({name}, key.secret.kind == kind ? std::optional(key.secret.text) : std::nullopt);
  };
  fields.add({"id"}, key.id);
  source("env", SecretRef::Kind::env);
  source("file", SecretRef::Kind::file);
  fields.add({"command"}, key.secret.kind == SecretRef::Kind::command
                              ? std::optional(key.secret.argv)
                              : std::nullopt);
  source("value", SecretRef::Kind::value);
  fields.add({"group"}, key.group.empty() ? std::nullopt : std::optional(key.group));
  fields.add({"proxy"}, key.proxy);
  fields.add_limits(key.limits);
  fields.add_unless({"enabled"}, key.enabled, true);
  return {key.id, fields.take()};
}

TomlEntry entry_of(const ProviderModel& model) {
  Fields fields;
  fields.add({"id"}, model.id);
  fields.add({"name"}, model.name);
  fields.add({"upstream"}, model.upstream);
  fields.add({"context"}, model.context);
  fields.add({"output"}, model.output);
  fields.add({"input"}, model.input);
  fields.add({"tool_call"}, model.tool_call);
  fields.add({"reasoning"}, model.reasoning);
  fields.add({"efforts"}, model.efforts);
  const Cost cost = model.cost.value_or(Cost{});
  fields.add({"cost", "input"}, cost.input);
  fields.add({"cost", "output"}, cost.output);
  fields.add({"cost", "cache_read"}, cost.cache_read);
  fields.add({"cost", "cache_write"}, cost.cache_write);
  fields.add_limits(model.limits);
  return {model.id, fields.take()};
}

template <class List>
std::vector<TomlEntry> entries_of(const List& list);

TomlEntry entry_of(const Provider& provider) {
  Fields fields;
  const auto word = [](const auto& value) {
    return value ? std::optional(std::string(to_string(*value))) : std::nullopt;
  };
  fields.add({"id"}, provider.id);
  fields.add({"name"}, provider.name);
  fields.add({"preset"}, provider.preset);
  fields.add({"protocol"}, word(provider.protocol));
  fields.add({"base_url"}, provider.base_url);
  fields.add({"auth"}, word(provider.auth));
  fields.add_filled({"tags"}, provider.tags);
  fields.add({"tier"}, provider.tier);
  fields.add({"weight"}, provider.weight);
  fields.add_unless({"enabled"}, provider.enabled, true);
  fields.add_unless({"pooled"}, provider.pooled, true);
  fields.add({"failover"}, provider.failover);
  fields.add({"proxy"}, provider.proxy);
  fields.add_limits(provider.limits);
  fields.add({"timeouts", "connect"}, provider.timeouts.connect);
  fields.add({"timeouts", "first_byte"}, provider.timeouts.first_byte);
  fields.add({"timeouts", "idle"}, provider.timeouts.idle);
  fields.add({"timeouts", "total"}, provider.timeouts.total);
  fields.add({"models"}, provider.models);
  fields.add_filled({"exclude"}, provider.exclude);
  fields.add_map("map", provider.map);
  fields.add_map("headers", provider.headers);
  fields.add_map("quirks", provider.quirks, true);
  return {provider.id,
          fields.take(),
          {{"key", entries_of(provider.keys)}, {"model", entries_of(provider.model_facts)}}};
}

TomlEntry entry_of(const Model& model) {
  Fields fields;
  fields.add({"id"}, model.id);
  fields.add({"developer"}, model.developer);
  fields.add_unless({"inherit"}, model.inherit, true);
  fields.add_unless({"fallback"}, model.fallback, true);
  fields.add_unless({"hidden"}, model.hidden, false);
  fields.add_unless({"disabled"}, model.disabled, false);
  fields.add({"failover"}, model.failover);
  return {model.id, fields.take()};
}

TomlEntry entry_of(const Alias& alias) {
  Fields fields;
  fields.add({"name"}, alias.name);
  fields.add({"target"}, alias.target);
  fields.add_unless({"hidden"}, alias.hidden, false);
  return {alias.name, fields.take()};
}

TomlEntry entry_of(const Rule& rule) {
  Fields fields;
  fields.add({"id"}, rule.id);
  fields.add({"developer"}, rule.developer);
  fields.add({"model"}, rule.model);
  fields.add({"provider"}, rule.provider);
  fields.add({"tag"}, rule.tag);
  fields.add({"upstream"}, rule.upstream);
  fields.add({"match"}, rule.match);
  fields.add_unless({"priority"}, rule.priority, std::int64_t{100});
  fields.add({"when"}, rule.when);
  fields.add_unless({"enabled"}, rule.enabled, true);
  return {rule.id, fields.take()};
}

TomlEntry entry_of(const Group& group) {
  Fields fields;
  fields.add({"id"}, group.id);
  fields.add({"proxy"}, group.proxy);
  return {group.id, fields.take()};
}

TomlEntry entry_of(const Budget& budget) {
  Fields fields;
  fields.add({"scope"}, budget.scope);
  fields.add({"name"}, budget.name);
  fields.add({"usd_per_day"}, budget.usd_per_day);
  fields.add_unless({"on_exceed"}, budget.on_exceed, std::string("block"));
  return {budget.scope + "\n" + budget.name.value_or(""), fields.take()};
}

TomlEntry entry_of(const Client& client) {
  Fields fields;
  fields.add({"id"}, client.id);
  fields.add({"token_sha256"}, client.token_sha256);
  fields.add_unless({"scope"}, client.scope, std::string("generate"));
  fields.add_unless({"models"}, client.models, std::vector<std::string>{"*"});
  return {client.id, fields.take()};
}

template <class List>
std::vector<TomlEntry> entries_of(const List& list) {
  std::vector<TomlEntry> entries;
  for (const auto& item : list) entries.push_back(entry_of(item));
  return entries;
}

}  // namespace

TomlEntry entry_of(const Config& config) {
  Fields fields;
  const Settings& settings = config.settings;
  fields.add({"version"}, config.version);
  fields.add({"settings", "listen"}, settings.listen);
  fields.add({"settings", "strategy"}, settings.strategy);
  fields.add({"settings", "profile"}, settings.profile);
  fields.add({"settings", "on_unknown_model"}, settings.on_unknown_model);
  fields.add({"settings", "default_model"}, settings.default_model);
  fields.add({"settings", "failover"}, settings.failover);
  fields.add({"settings", "effort_suffix"}, settings.effort_suffix);
  fields.add({"settings", "websocket"}, settings.websocket);
  fields.add({"settings", "keep_turns"}, settings.keep_turns);
  fields.add({"settings", "proxy"}, settings.proxy);
  each_number(config.routing, [&](const RoutingKey& key, const auto& number, std::size_t place) {
    fields.add({"routing", std::string(key.name)},
               config.routing.said.test(place) ? std::optional(number) : std::nullopt);
  });
  fields.add_unless({"pool", "enabled"}, config.pool.enabled, false);
  fields.add({"pool", "catalog"}, config.pool.catalog);
  fields.add_filled({"pool", "hide"}, config.pool.hide);
  return {"",
          fields.take(),
          {{"provider", entries_of(config.providers)},
           {"model", entries_of(config.models)},
           {"alias", entries_of(config.aliases)},
           {"rule", entries_of(config.rules)},
           {"group", entries_of(config.groups)},
           {"budget", entries_of(config.budgets)},
           {"client", entries_of(config.clients)}}};
}

}  // namespace tpool::config
