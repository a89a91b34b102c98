// opencode's opencode.json: a provider block with the pool's models, beside the user's own.
//
// Blocking.
#pragma once

#include "core/catalog/pool.hpp"
#include "core/config/secret.hpp"
#include "core/connect/settings_file.hpp"

namespace tpool::connect {

// OPENCODE_CONFIG, else the .json or .jsonc in opencode's XDG folder.
Result<std::filesystem::path> opencode_settings();

struct OpencodeWiring {
  std::string listen;
  config::Secret token;
  std::string model;        // empty: the user's own choice stays
  std::string small_model;  // the same
};
std::vector<SettingsKey> opencode_keys(const OpencodeWiring& wiring, const catalog::Pool& pool);
json::Path opencode_token();

}  // namespace tpool::connect
