// Claude Code's settings.json: its `env` block points it at the pool.
//
// Only documented variables of the client's own; what it sends stays its own. Blocking.
#pragma once

#include "core/config/secret.hpp"
#include "core/connect/settings_file.hpp"

namespace tpool::connect {

// CLAUDE_CONFIG_DIR, or ~/.claude.
Result<std::filesystem::path> claude_settings();

struct ClaudeWiring {
  std::string listen;
  config::Secret token;
  std::string model;        // for the slots of the big models
  std::string small_model;  // for background work
};
std::vector<SettingsKey> claude_keys(const ClaudeWiring& wiring);
json::Path claude_token();

}  // namespace tpool::connect
