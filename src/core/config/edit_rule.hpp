// The verbs of rules: `[[rule]]` entries, in the order in which they are asked.
//
// As in config/edit: each changes only what its arguments name, and on an Error the Config must be
// dropped. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "core/config/config.hpp"
#include "core/config/store.hpp"
#include "core/error.hpp"

namespace tpool::config {

// Nullopt leaves a field as it is, an empty string clears it. Naming one of developer and model
// drops the other; so with provider and tag, and with upstream and match.
struct RuleFields {
  std::optional<std::string> developer = {};
  std::optional<std::string> model = {};
  std::optional<std::string> provider = {};
  std::optional<std::string> tag = {};
  std::optional<std::string> upstream = {};
  std::optional<std::string> match = {};
  std::optional<std::string> when = {};
  std::optional<std::int64_t> priority = {};
  std::optional<bool> enabled = {};
};

// Without an id it is made of what the rule names: "anthropic-official", "-2" when taken. not_found
// when the model, provider or tag is not there.
Result<Change> add_rule(Config& config, const std::optional<std::string>& id,
                        const RuleFields& fields);
Result<Change> edit_rule(Config& config, const std::string& id, const RuleFields& fields);
// Exactly one of before/after is set. The order counts among rules of one priority.
Result<Change> move_rule(Config& config, const std::string& id,
                         const std::optional<std::string>& before,
                         const std::optional<std::string>& after);
Result<Change> remove_rule(Config& config, const std::string& id);

}  // namespace tpool::config
