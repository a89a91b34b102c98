// Keys of ours in a client's own JSON settings file, put in and taken out with the care of Codex's:
// exact spans, a snapshot first, every other byte as it was.
//
// Works after kill -9 at any point, twice in a row, and when the file was edited by hand meanwhile:
// a value that is no longer the one we wrote is the user's and stays. A file that does not parse is
// left alone. Plans write nothing; apply_enable and apply_disable of connect/codex carry them out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/config/paths.hpp"
#include "core/connect/codex.hpp"
#include "core/error.hpp"
#include "core/json/jsonc.hpp"

namespace tpool::connect {

struct SettingsKey {
  json::Path path;
  std::string value;   // JSON; empty: nothing of ours belongs there now
  bool block = false;  // an object that is ours whole, whatever became of its members
};

// `token` is where our access token lies: with the snapshot lost it tells the file is wired.
Result<Plan> plan_settings(const config::Paths& paths, const std::filesystem::path& file,
                           const std::vector<SettingsKey>& keys, const json::Path& token);
// `keys` by path alone; values do not matter.
Result<Plan> plan_no_settings(const config::Paths& paths, const std::filesystem::path& file,
                              const std::vector<SettingsKey>& keys, const json::Path& token);

// The string at a path of the file; empty when there is none.
std::string setting(const std::filesystem::path& file, const json::Path& path);

// Unified diff with values of token keys masked.
std::string settings_diff(const Plan& plan);

}  // namespace tpool::connect
