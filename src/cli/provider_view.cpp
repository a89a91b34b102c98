#include "cli/provider_view.hpp"

#include <cstdlib>

#include "cli/context.hpp"
#include "cli/endpoint_url.hpp"
#include "core/catalog/presets.hpp"
#include "core/config/secret.hpp"
#include "core/json/utf8.hpp"

namespace tpool::cli {
namespace {

using json::Writer;

void write_list(Writer& writer, std::string_view name, const std::vector<std::string>& items) {
  writer.key(name).begin_array();
  for (const auto& item : items) writer.string(item);
  writer.end_array();
}

void write_limits(Writer& writer, const config::Limits& limits) {
  writer.key("limits").begin_object();
  writer.member("concurrency", limits.concurrency).member("queue", limits.queue);
  writer.member("rpm", limits.rpm).member("tpm", limits.tpm);
  writer.member("tokens_5m", limits.tokens_5m).end_object();
}

void write_seconds(Writer& writer, std::string_view name, std::optional<Milliseconds> time) {
  writer.key(name);
  time ? writer.number(static_cast<double>(time->count()) / 1000.0) : writer.null();
}

std::string limits_text(const config::Limits& limits) {
  std::vector<std::string> parts;
  const auto add = [&](const char* name, const std::optional<std::int64_t>& value) {
    if (value) parts.push_back(std::string(name) + " " + std::to_string(*value));
  };
  add("concurrency", limits.concurrency);
  add("queue", limits.queue);
  add("rpm", limits.rpm);
  add("tpm", limits.tpm);
  add("tokens_5m", limits.tokens_5m);
  return join(parts, ", ");
}

}  // namespace

std::string without_password(const std::string& url) {
  const auto scheme = url.find("://");
  const auto at = url.find('@');
  if (scheme == std::string::npos || at == std::string::npos) return url;
  return url.substr(0, scheme + 3) + "****" + url.substr(at);
}

std::string missing_secret(const config::Key& key) {
  using Kind = config::SecretRef::Kind;
  if (key.secret.kind != Kind::env && key.secret.kind != Kind::file) return {};
  const auto secret = config::resolve(key.secret);
  return secret ? std::string() : secret.error().message;
}

ProviderView view_of(const config::Provider& provider, const catalog::Pool& pool) {
  ProviderView view{.id = provider.id};
  Auth auth = Auth::bearer;
  if (const auto resolved = catalog::resolve(provider); resolved) {
    view.name = resolved->name;
    view.protocol = to_string(resolved->protocol);
    view.base_url = resolved->base_url;
    auth = resolved->auth;
  }
  view.auth = to_string(auth);
  for (const auto& entry : pool.entries)
    if (entry.kind == catalog::Entry::Kind::slug && entry.name.starts_with(provider.id + "/"))
      view.models.push_back(entry.name);

  std::size_t usable = 0;
  std::string missing;
  for (const auto& key : provider.keys) {
    const auto why = missing_secret(key);
    if (why.empty() && key.enabled) ++usable;
    if (missing.empty()) missing = why;
  }
  const bool needs_key = auth != Auth::none && view.protocol != "echo";
  view.keys_summary = provider.keys.empty()       ? "none"
                      : provider.keys.size() == 1 ? config::describe(provider.keys[0].secret)
                                                  : counted(provider.keys.size(), "key");
  if (!provider.enabled)
    view.state = "disabled";
  else if (!provider.pooled)
    view.state = "not pooled";
  else if (!provider.keys.empty() && usable == 0)
    view.state = missing.empty() ? "its keys are disabled" : missing;
  else if (provider.keys.empty() && needs_key && !is_loopback(view.base_url))
    view.state = "no key";
  else if (view.models.empty())
    view.state = provider.models ? "its list of models is empty" : "its models are not known yet";
  else
    view.state = "ready";
  view.ready = view.state == "ready";
  return view;
}

ProxyChoice proxy_of(const config::Config& config, const config::Provider& provider,
                     const config::Key* key) {
  const auto says = [](const std::optional<std::string>& proxy) {
    return proxy && !proxy->empty() && *proxy != "inherit";
  };
  if (key && says(key->proxy)) return {without_password(*key->proxy), "key " + key->id};
  if (key && !key->group.empty())
    for (const auto& group : config.groups)
      if (group.id == key->group && says(group.proxy))
        return {without_password(*group.proxy), "group " + group.id};
  if (says(provider.proxy)) return {without_password(*provider.proxy), "provider " + provider.id};
  if (says(config.settings.proxy)) return {without_password(*config.settings.proxy), "settings"};
  return {"inherit", "environment"};
}

void write_key(Writer& writer, const config::Config& config, const config::Provider& provider,
               const config::Key& key) {
  const auto proxy = proxy_of(config, provider, &key);
  const auto missing = missing_secret(key);
  writer.begin_object();
  writer.member("id", key.id).member("provider", provider.id);
  writer.member("source", config::describe(key.secret)).member("enabled", key.enabled);
  writer.member("available", missing.empty()).key("group");
  key.group.empty() ? writer.null() : writer.string(key.group);
  write_limits(writer, key.limits);
  writer.key("proxy").begin_object();
  writer.member("value", proxy.value).member("from", proxy.from).end_object();
  writer.end_object();
}

void write_provider(Writer& writer, const config::Config& config, const config::Provider& provider,
                    const catalog::Pool& pool) {
  const auto view = view_of(provider, pool);
  writer.begin_object();
  writer.member("id", view.id).member("name", view.name).member("preset", provider.preset);
  writer.member("protocol", view.protocol).member("base_url", view.base_url);
  writer.member("auth", view.auth).member("enabled", provider.enabled);
  writer.member("pooled", provider.pooled).member("ready", view.ready).member("state", view.state);
  write_list(writer, "tags", provider.tags);
  write_list(writer, "models", view.models);
  writer.key("curated");
  if (provider.models) {
    writer.begin_array();
    for (const auto& model : *provider.models) writer.string(model);
    writer.end_array();
  } else {
    writer.null();
  }
  write_list(writer, "exclude", provider.exclude);
  std::vector<std::string> headers;
  for (const auto& [name, value] : provider.headers) headers.push_back(name);
  write_list(writer, "headers", headers);
  writer.member("tier", provider.tier).member("weight", provider.weight);
  write_limits(writer, provider.limits);
  writer.key("timeouts").begin_object();
  write_seconds(writer, "connect_s", provider.timeouts.connect);
  write_seconds(writer, "first_byte_s", provider.timeouts.first_byte);
  write_seconds(writer, "idle_s", provider.timeouts.idle);
  write_seconds(writer, "total_s", provider.timeouts.total);
  writer.end_object();
  const auto proxy = proxy_of(config, provider, nullptr);
  writer.key("proxy").begin_object();
  writer.member("value", proxy.value).member("from", proxy.from).end_object();
  writer.key("keys").begin_array();
  for (const auto& key : provider.keys) write_key(writer, config, provider, key);
  writer.end_array().end_object();
}

std::string describe_provider(const Output& out, const config::Config& config,
                              const config::Provider& provider, const catalog::Pool& pool) {
  const auto view = view_of(provider, pool);
  std::vector<std::pair<std::string, std::string>> lines{{"id", view.id},
                                                         {"name", view.name},
                                                         {"preset", provider.preset.value_or("")},
                                                         {"protocol", view.protocol},
                                                         {"base URL", view.base_url},
                                                         {"auth", view.auth},
                                                         {"tags", join(provider.tags, ", ")},
                                                         {"limits", limits_text(provider.limits)},
                                                         {"exclude", join(provider.exclude, ", ")}};
  for (const auto& [name, value] : provider.headers) lines.emplace_back("header", name + ": ****");
  for (const auto& [from, to] : provider.map) lines.emplace_back("map", from + " -> " + to);
  for (const auto& [name, value] : provider.quirks)
    lines.emplace_back("quirk", name + " = " + value);
  for (const auto& key : provider.keys) {
    auto text = key.id + ": " + config::describe(key.secret);
    if (!key.enabled) text += ", disabled";
    if (!key.group.empty()) text += ", group " + key.group;
    if (const auto limits = limits_text(key.limits); !limits.empty()) text += ", " + limits;
    if (const auto missing = missing_secret(key); !missing.empty()) text += " (" + missing + ")";
    const auto proxy = proxy_of(config, provider, &key);
    if (proxy.from.starts_with("key") || proxy.from.starts_with("group"))
      text += ", proxy " + proxy.value + " from " + proxy.from;
    lines.emplace_back("key", text);
  }
  const auto proxy = proxy_of(config, provider, nullptr);
  lines.emplace_back("proxy", proxy.value + " (" + proxy.from + ")");
  lines.emplace_back("models", provider.models ? counted(view.models.size(), "model") + ", curated"
                                               : counted(view.models.size(), "model"));
  for (const auto& model : view.models) lines.emplace_back("", model);
  lines.emplace_back("state", view.state);

  std::string text;
  for (const auto& [name, value] : lines) {
    if (value.empty()) continue;
    const std::string padding(name.size() < 10 ? 10 - name.size() : 1, ' ');
    const auto style = name != "state" ? Style::plain : view.ready ? Style::good : Style::bad;
    text += out.paint(Style::dim, name) + padding + out.paint(style, json::printable(value)) + "\n";
  }
  return text;
}

}  // namespace tpool::cli
