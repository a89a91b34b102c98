// The verbs: what a user can do to a Config. The CLI and the admin API call the same ones.
//
// Each takes the Config by reference, changes only what its arguments name (absent is not empty),
// and answers a Change to show; on an Error the Config may be half edited and must be dropped,
// which Store::update does. not_found names the nearest ids. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/config/store.hpp"
#include "core/error.hpp"

namespace tpool::config {

// Nullopt leaves a field as it is. An empty string clears an optional one, 0 a limit. Changing
// preset, protocol or base URL empties a curated list that `models` does not replace, with a note.
struct ProviderFields {
  std::optional<std::string> name = {};
  std::optional<std::string> preset = {};
  std::optional<std::string> protocol = {};
  std::optional<std::string> base_url = {};
  std::optional<std::string> auth = {};
  std::optional<std::string> proxy = {};
  std::optional<std::vector<std::string>> models = {};
  std::optional<std::vector<std::string>> tags = {};
  std::optional<std::vector<std::string>> exclude = {};
  std::optional<std::string> failover = {};  // as parse_failover() reads it
  std::optional<std::int64_t> concurrency = {};
  std::optional<std::int64_t> rpm = {};
  std::optional<std::int64_t> tpm = {};
  bool all_models = false;  // drop the curated list: every fetched model
};

// A free id made from `name`: lowercase, [a-z0-9_-], -2, -3 ... when taken.
std::string derive_provider_id(const Config& config, std::string_view name);

Result<Change> add_provider(Config& config, const std::string& id, const ProviderFields& fields,
                            std::optional<Key> key);
Result<Change> edit_provider(Config& config, const std::string& id, const ProviderFields& fields);
// Slugs, rules, aliases and budgets follow; each old slug prefix keeps working through an alias
// for every curated model (product contract: `provider rename` leaves an alias).
Result<Change> rename_provider(Config& config, const std::string& id, const std::string& new_id);
// Refused (conflict, listing them) while something names it, unless `force`: then the notes list
// what still does.
Result<Change> remove_provider(Config& config, const std::string& id, bool force);
Result<Change> set_provider_enabled(Config& config, const std::string& id, bool enabled);
// Exactly one of before/after is set.
Result<Change> move_provider(Config& config, const std::string& id,
                             const std::optional<std::string>& before,
                             const std::optional<std::string>& after);
// Who names a provider: "rule big-prompts", "alias gpt-5.5", "settings.default_model".
std::vector<std::string> provider_users(const Config& config, const std::string& id);

// A key without an id becomes main, or key-2, key-3 ...
Result<Change> add_key(Config& config, const std::string& provider, Key key);
Result<Change> remove_key(Config& config, const std::string& provider, const std::string& key);

// `hidden`: routable, but in no list.
Result<Change> add_alias(Config& config, const std::string& name, const std::string& target,
                         bool hidden = false);
Result<Change> remove_alias(Config& config, const std::string& name);

Result<Change> set_pool_enabled(Config& config, bool enabled,
                                const std::optional<std::string>& catalog);
// keys, same-model, or slugs separated by commas; nothing when empty.
Result<std::optional<Failover>> parse_failover(const std::string& value);
// Those of `[settings]` as the store spells them, and those of `[routing]` as "routing.KEY".
const std::vector<std::string>& setting_names();
// A setting by one of those names, or as "settings.KEY". An empty value clears it; failover takes a
// list of slugs separated by commas.
Result<Change> set_setting(Config& config, const std::string& name, const std::string& value);

// Adds the client, or replaces its hash when it exists and `replace` is set.
Result<Change> put_client(Config& config, Client client, bool replace);
// Refused (conflict, listing them) while something names it, unless `force`: then the notes list
// what still does.
Result<Change> revoke_client(Config& config, const std::string& id, bool force);

// The entry, or nullptr.
const Provider* find_provider(const Config& config, std::string_view id);
Provider* find_provider(Config& config, std::string_view id);

// Up to three of `known` close enough to `word` to suggest, nearest first.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace tpool::config
