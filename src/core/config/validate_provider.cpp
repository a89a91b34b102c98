// The part of Validator that checks providers, their keys and their models.
#include <algorithm>
#include <set>

#include "core/config/endpoint.hpp"
#include "core/config/validator.hpp"

namespace tpool::config {

void Validator::check_provider(const Provider& provider) {
  where_ = "provider " + provider.id;
  if (!is_provider_id(provider.id)) add("its id must be 1 to 56 of a-z, 0-9, _ and -");
  if (provider.name && (provider.name->empty() || has_control(*provider.name)))
    add("name is empty or unprintable");
  if (provider.base_url)
    if (const auto fault = base_url_fault(*provider.base_url)) add("base_url " + *fault);
  if (!provider.preset) {
    if (!provider.protocol) add("it has neither a preset nor a protocol", "set protocol");
    if (!provider.base_url && provider.protocol != Protocol::echo)
      add("it has neither a preset nor a base_url", "set base_url");
  } else if (!is_plain_id(*provider.preset)) {
    add("preset is not the name of one");
  }
  check_headers(provider.headers);
  for (const std::string& tag : provider.tags)
    if (!is_plain_id(tag)) add("a tag must be 1 to 64 of letters, digits, _ . and -");
  range("tier", provider.tier, -1000, 1000);
  amount("weight", provider.weight);
  failover(provider.failover);
  proxy(provider.proxy);
  limits(provider.limits);
  timeout("connect", provider.timeouts.connect);
  timeout("first_byte", provider.timeouts.first_byte);
  timeout("idle", provider.timeouts.idle);
  timeout("total", provider.timeouts.total);
  if (provider.models) names("models", *provider.models);
  names("exclude", provider.exclude);
  for (const auto& [from, to] : provider.map)
    if (!is_model_name(from) || !is_model_name(to)) add("map holds an empty or unprintable name");
  for (const Key& key : provider.keys) check_key(provider, key);
  for (const ProviderModel& model : provider.model_facts) check_provider_model(provider, model);
}

void Validator::check_headers(const std::map<std::string, std::string>& headers) {
  // What frames a message or names its receiver is ours to say.
  static const std::set<std::string, std::less<>> reserved{
      "host",    "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te",
      "trailer", "expect"};
  for (const auto& [name, value] : headers) {
    std::string lower = name;
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool token = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return is_word_byte(c) || std::string_view("!#$%&'*+^`|~").find(c) != std::string_view::npos;
    });
    if (!token)
      add("headers holds a name that no header can have");
    else if (reserved.contains(lower))
      add("headers must not set " + name + ": it is part of how messages travel");
    if (has_control(value)) add("header " + name + " holds a line break or control character");
  }
}

void Validator::check_key(const Provider& provider, const Key& key) {
  where_ = "key " + key.id + " of provider " + provider.id;
  plain_id(key.id);
  check_secret(key.secret);
  proxy(key.proxy);
  limits(key.limits);
  const bool known =
      key.group.empty() || std::any_of(config_.groups.begin(), config_.groups.end(),
                                       [&](const Group& group) { return group.id == key.group; });
  if (!known)
    add("its group " + key.group + " does not exist", "add [[group]] with this id, or drop group");
}

void Validator::check_secret(const SecretRef& secret) {
  switch (secret.kind) {
    case SecretRef::Kind::none:
      add("it says nowhere to find the secret", "give it one of env, file, command and value");
      break;
    case SecretRef::Kind::env:
      if (secret.text.empty() || has_control(secret.text) ||
          secret.text.find_first_of("= ") != std::string::npos)
        add("env is not the name of an environment variable");
      break;
    case SecretRef::Kind::file:
      if (!secret.text.starts_with('/') && !secret.text.starts_with("~/"))
        add("file must be a full path, or begin with ~/");
      break;
    case SecretRef::Kind::command:
      if (secret.argv.empty() || secret.argv[0].empty())
        add("command must be a list of words, like [\"pass\", \"show\", \"deepseek\"]");
      break;
    case SecretRef::Kind::value:
      if (secret.text.empty()) add("value is empty");
      break;
  }
}

void Validator::check_provider_model(const Provider& provider, const ProviderModel& model) {
  where_ = "model " + model.id + " of provider " + provider.id;
  if (!is_model_name(model.id)) add("its id is empty or unprintable");
  if (model.upstream && !is_model_name(*model.upstream)) add("upstream is empty or unprintable");
  range("context", model.context, 1, 1'000'000'000);
  range("output", model.output, 1, 1'000'000'000);
  if (model.input)
    for (const std::string& kind : *model.input) word("input", words::modalities, kind);
  if (model.efforts) names("efforts", *model.efforts);
  if (model.cost) {
    amount("cost.input", model.cost->input);
    amount("cost.output", model.cost->output);
    amount("cost.cache_read", model.cost->cache_read);
    amount("cost.cache_write", model.cost->cache_write);
  }
  limits(model.limits);
}

}  // namespace tpool::config
