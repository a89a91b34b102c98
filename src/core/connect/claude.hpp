// Claude Code's settings.json: its `env` block points it at the pool.
//
// Only documented variables of the client's own; what it sends stays its own. Blocking.
#pragma once

#include <optional>

#include "core/catalog/pool.hpp"
#include "core/config/secret.hpp"
#include "core/connect/settings_file.hpp"

namespace tpool::connect {

// CLAUDE_CONFIG_DIR, or ~/.claude.
Result<std::filesystem::path> claude_settings();

struct ClaudeWiring {
  std::string listen;
  config::Secret token;
  std::string opus;
  std::string sonnet;
  std::string haiku;  // background work runs on it
  // Tokens the two big ones take, where that is known.
  std::optional<std::int64_t> opus_context = {};
  std::optional<std::int64_t> sonnet_context = {};
};
// The pool's name for the newest Claude of a size ("opus"), or empty when it has none.
std::string claude_of_size(const catalog::Pool& pool, std::string_view size);
std::vector<SettingsKey> claude_keys(const ClaudeWiring& wiring);
json::Path claude_token();

}  // namespace tpool::connect
