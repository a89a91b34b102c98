// The Config value: everything the user decided, as plain structs.
//
// Loaded whole, replaced whole, compared by value. An absent optional means "not said", which is
// not the same as empty. Names and meanings follow the store (man tpool.toml). No behaviour here:
// reading is config/toml, checking config/validate, changing config/edit. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config/routing.hpp"
#include "core/types.hpp"

namespace tpool::config {

// Where a secret is kept. Only `value` holds the secret itself; core/config/secret resolves it.
struct SecretRef {
  enum class Kind { none, env, file, command, value };
  Kind kind = Kind::none;
  std::string text = {};               // variable name, path or the value
  std::vector<std::string> argv = {};  // command

  bool operator==(const SecretRef&) const = default;
};

struct Limits {
  std::optional<std::int64_t> concurrency = {};  // requests in flight, 1..1024
  std::optional<std::int64_t> queue = {};        // requests waiting
  std::optional<std::int64_t> rpm = {};          // requests per minute
  std::optional<std::int64_t> tpm = {};          // tokens per minute
  std::optional<std::int64_t> tokens_5m = {};    // tokens per five minutes

  bool operator==(const Limits&) const = default;
};

struct Timeouts {
  std::optional<Milliseconds> connect = {};
  std::optional<Milliseconds> first_byte = {};
  std::optional<Milliseconds> idle = {};
  std::optional<Milliseconds> total = {};

  bool operator==(const Timeouts&) const = default;
};

// USD per million tokens, by kind.
struct Cost {
  std::optional<double> input = {};
  std::optional<double> output = {};
  std::optional<double> cache_read = {};
  std::optional<double> cache_write = {};

  bool operator==(const Cost&) const = default;
};

// Who may take over when the chosen candidate fails.
struct Failover {
  enum class Mode { keys, same_model, list };
  Mode mode = Mode::keys;
  std::vector<std::string> slugs = {};  // with list

  bool operator==(const Failover&) const = default;
};

struct Key {
  std::string id;
  SecretRef secret = {};
  std::string group = {};
  std::optional<std::string> proxy = {};
  Limits limits = {};
  bool enabled = true;

  bool operator==(const Key&) const = default;
};

// What the user says of one model of one provider; each value overrides the catalog's.
struct ProviderModel {
  std::string id;
  std::optional<std::string> name = {};
  std::optional<std::string> upstream = {};
  std::optional<std::int64_t> context = {};            // tokens
  std::optional<std::int64_t> output = {};             // tokens
  std::optional<std::vector<std::string>> input = {};  // modalities: text, image, audio, pdf
  std::optional<bool> tool_call = {};
  std::optional<bool> reasoning = {};
  std::optional<std::vector<std::string>> efforts = {};
  std::optional<Cost> cost = {};
  Limits limits = {};  // win over the key's, which win over the provider's

  bool operator==(const ProviderModel&) const = default;
};

struct Provider {
  std::string id;
  std::optional<std::string> name = {};
  std::optional<std::string> preset = {};
  std::optional<Protocol> protocol = {};
  std::optional<std::string> base_url = {};
  std::optional<Auth> auth = {};
  std::map<std::string, std::string> headers = {};
  std::vector<std::string> tags = {};
  std::optional<std::int64_t> tier = {};
  std::optional<double> weight = {};
  bool enabled = true;
  bool pooled = true;
  std::optional<Failover> failover = {};
  std::optional<std::string> proxy = {};  // inherit | direct | URL
  Limits limits = {};
  Timeouts timeouts = {};
  std::optional<std::vector<std::string>> models = {};  // absent: all fetched; empty: none
  std::map<std::string, std::string> map = {};          // request name -> upstream name
  std::vector<std::string> exclude = {};                // patterns of model ids
  std::map<std::string, std::string> quirks = {};       // flag -> value, as TOML spelled it
  std::vector<Key> keys = {};
  std::vector<ProviderModel> model_facts = {};  // [[provider.model]]

  bool operator==(const Provider&) const = default;
};

// A provider-independent model.
struct Model {
  std::string id;
  std::optional<std::string> developer = {};
  bool inherit = true;
  bool fallback = true;
  bool hidden = false;
  bool disabled = false;
  std::optional<Failover> failover = {};

  bool operator==(const Model&) const = default;
};

struct Alias {
  std::string name;
  std::string target;
  bool hidden = false;

  bool operator==(const Alias&) const = default;
};

struct Rule {
  std::string id;
  std::optional<std::string> developer = {};
  std::optional<std::string> model = {};
  std::optional<std::string> provider = {};
  std::optional<std::string> tag = {};
  std::optional<std::string> upstream = {};
  std::optional<std::string> match = {};
  std::int64_t priority = 100;
  std::optional<std::string> when = {};
  bool enabled = true;

  bool operator==(const Rule&) const = default;
};

struct Group {
  std::string id;
  std::optional<std::string> proxy = {};

  bool operator==(const Group&) const = default;
};

struct Budget {
  std::string scope;  // total | provider | model | client
  std::optional<std::string> name = {};
  std::optional<double> usd_per_day = {};
  std::string on_exceed = "block";  // or cheapest

  bool operator==(const Budget&) const = default;
};

// A local access token; only its hash is kept.
struct Client {
  std::string id;
  std::string token_sha256;        // 64 lowercase hex digits
  std::string scope = "generate";  // or admin
  std::vector<std::string> models = {"*"};

  bool operator==(const Client&) const = default;
};

struct Settings {
  std::optional<std::string> listen = {};            // default 127.0.0.1:3301
  std::optional<std::string> strategy = {};          // default priced-affinity
  std::optional<std::string> profile = {};           // default balanced
  std::optional<std::string> on_unknown_model = {};  // error | default
  std::optional<std::string> default_model = {};
  std::optional<Failover> failover = {};
  std::optional<bool> effort_suffix = {};
  std::optional<bool> websocket = {};           // answer upgrades on /v1/responses; default no
  std::optional<Milliseconds> keep_turns = {};  // for previous_response_id; default 720h, 0s: never
  std::optional<std::string> proxy = {};

  bool operator==(const Settings&) const = default;
};

struct Pool {
  bool enabled = false;
  std::optional<std::string> catalog = {};  // live | file
  std::vector<std::string> hide = {};       // patterns

  bool operator==(const Pool&) const = default;
};

struct Config {
  std::int64_t version = 1;
  Settings settings = {};
  Routing routing = {};
  Pool pool = {};
  std::vector<Provider> providers = {};
  std::vector<Model> models = {};
  std::vector<Alias> aliases = {};
  std::vector<Rule> rules = {};
  std::vector<Group> groups = {};
  std::vector<Budget> budgets = {};
  std::vector<Client> clients = {};

  bool operator==(const Config&) const = default;
};

inline constexpr std::string_view default_listen = "127.0.0.1:3301";

}  // namespace tpool::config
