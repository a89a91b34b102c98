// Models in the store: `[[model]]` entries, which no provider owns, and what the user says of one
// model of one provider, the `[[provider.model]]` entries.
//
// As in config/edit: each changes only what its arguments name. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/config/store.hpp"
#include "core/error.hpp"

namespace tpool::config {

// Nullopt leaves a field as it is, an empty string clears it.
struct ModelFields {
  std::optional<std::string> developer = {};
  std::optional<std::string> failover = {};  // keys, same-model, or slugs separated by commas
  std::optional<bool> inherit = {};
  std::optional<bool> fallback = {};
  std::optional<bool> hidden = {};
  std::optional<bool> disabled = {};
};

Result<Change> add_model(Config& config, const std::string& id, const ModelFields& fields);
Result<Change> edit_own_model(Config& config, const std::string& id, const ModelFields& fields);
// Refused (conflict, listing them) while something names it, unless `force`: then its rules go with
// it, and the notes list what still names it.
Result<Change> remove_model(Config& config, const std::string& id, bool force);
// Who names it: "rule big-prompts", "alias fast", "settings.default_model".
std::vector<std::string> model_users(const Config& config, const std::string& id);
const Model* find_model(const Config& config, std::string_view id);

// Adds what `said` names to the entry of its id, or makes one; absent leaves a field as it is. With
// `afresh` what was said before is forgotten first; an entry that then says nothing goes away.
Result<Change> edit_model(Config& config, const std::string& provider, const ProviderModel& said,
                          bool afresh);

}  // namespace tpool::config
