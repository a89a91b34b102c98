#include "core/config/validate.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/config/endpoint.hpp"
#include "core/config/words.hpp"

namespace tpool::config {
namespace {

constexpr double largest_number = 1e6;

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// An id of anything but a provider or a model.
bool is_plain_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), is_word_byte);
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// A model's id or an alias's name: raw, but something one can type and see.
bool is_model_name(std::string_view name) {
  return !name.empty() && name.size() <= 256 && !has_control(name) && name.front() != ' ' &&
         name.back() != ' ';
}

class Validator {
 public:
  explicit Validator(const Config& config) : config_(config) {}

  std::vector<Problem> run() {
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

 private:
  void add(std::string message, std::string hint = {}) {
    problems_.push_back({where_, std::move(message), std::move(hint)});
  }
  void plain_id(const std::string& id) {
    if (!is_plain_id(id)) add("its id must be 1 to 64 of letters, digits, _ . and -");
  }
  void word(const std::string& key, words::Set set, const std::optional<std::string>& value) {
    if (value && !words::holds(set, *value)) add(key + " must be " + words::list(set));
  }
  void proxy(const std::optional<std::string>& value) {
    if (!value) return;
    if (const auto fault = proxy_fault(*value)) add("proxy " + *fault);
  }
  void range(const std::string& key, const std::optional<std::int64_t>& value, std::int64_t least,
             std::int64_t most) {
    if (value && (*value < least || *value > most))
      add(key + " must be " + std::to_string(least) + " to " + std::to_string(most));
  }
  void amount(const std::string& key, const std::optional<double>& value) {
    if (value && (!std::isfinite(*value) || *value < 0 || *value > largest_number))
      add(key + " must be 0 to 1000000");
  }
  void limits(const Limits& limits) {
    range("limits.concurrency", limits.concurrency, 1, 1024);
    range("limits.queue", limits.queue, 0, 100'000);
    range("limits.rpm", limits.rpm, 1, 1'000'000'000);
    range("limits.tpm", limits.tpm, 1, 1'000'000'000'000);
    range("limits.tokens_5m", limits.tokens_5m, 1, 1'000'000'000'000);
  }
  void timeout(const std::string& key, const std::optional<Milliseconds>& value) {
    if (value && (value->count() < 1 || *value > std::chrono::hours(24)))
      add("timeouts." + key + " must be 1ms to 24h");
  }
  void failover(const std::optional<Failover>& value) {
    if (value && value->mode == Failover::Mode::list)
      for (const std::string& slug : value->slugs)
        if (!is_model_name(slug)) add("failover holds an empty or unprintable name");
  }
  void names(const std::string& key, const std::vector<std::string>& values) {
    for (const std::string& value : values)
      if (!is_model_name(value)) {
        add(key + " holds an empty or unprintable entry");
        return;
      }
  }

  void check_settings();
  void check_provider(const Provider& provider);
  void check_headers(const std::map<std::string, std::string>& headers);
  void check_key(const Provider& provider, const Key& key);
  void check_secret(const SecretRef& secret);
  void check_provider_model(const Provider& provider, const ProviderModel& model);
  void check_model(const Model& model);
  void check_alias(const Alias& alias);
  void check_rule(const Rule& rule);
  void check_budget(const Budget& budget);
  void check_client(const Client& client);
  void check_unique();

  const Config& config_;
  std::string where_;
  std::vector<Problem> problems_;
};

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
  where_ = "pool";
  word("catalog", words::catalogs, config_.pool.catalog);
  names("hide", config_.pool.hide);
}

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
       {rule.developer, rule.model, rule.provider, rule.tag, rule.upstream, rule.match, rule.when})
    if (value && !is_model_name(value->substr(0, 256))) {
      add("it holds an empty or unprintable value");
      break;
    }
  range("priority", rule.priority, -1'000'000, 1'000'000);
}

void Validator::check_budget(const Budget& budget) {
  where_ = "budget " + budget.scope + (budget.name ? " " + *budget.name : "");
  word("scope", words::budget_scopes, budget.scope);
  word("on_exceed", words::on_exceed, budget.on_exceed);
  if (budget.scope == "total" && budget.name) add("a total budget takes no name");
  if (budget.scope != "total" && (!budget.name || budget.name->empty()))
    add("it needs the name of a " + budget.scope);
  if (!budget.usd_per_day) add("it needs usd_per_day");
  amount("usd_per_day", budget.usd_per_day);
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
    once("budget " + budget.scope, budget.name.value_or(""));
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

}  // namespace

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
