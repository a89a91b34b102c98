// One setting at a time: what is in force, and the verbs that read, set and clear it.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/context.hpp"
#include "core/config/config.hpp"

namespace tpool::cli {

struct Setting {
  std::string name;    // "settings.strategy"
  std::string value;   // a proxy's without its password
  std::string origin;  // default | store | preset NAME | environment VAR
};

// Those of [settings] and [pool], in the store's order.
std::vector<Setting> settings_in_force(const config::Config& config);

// As a table, with whose word each is when `origin`; or as JSON.
void print_settings(Context& context, const std::vector<Setting>& settings, bool origin);

Command config_get_verb();
Command config_set_verb();
Command config_unset_verb();

}  // namespace tpool::cli
