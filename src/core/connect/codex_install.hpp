// The Codex installed on this machine: where it is, its version, its own catalog.
//
// Runs the binary in a scratch home with a limit; blocking. `codex` is found through
// TPOOL_CODEX, then PATH.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/error.hpp"

namespace tpool::connect {

struct CodexInstall {
  std::filesystem::path binary;
  std::string version;        // "0.169.0"
  bool live_catalog = false;  // knows model_catalog_url
};

// not_found when there is none.
Result<CodexInstall> find_codex();

// One complete ModelInfo of the bundled catalog, the best base for entries of other models.
Result<std::string> bundled_entry(const CodexInstall& codex);

// Lets the installed Codex read a config.toml (and a catalog file) in a scratch home; invalid with
// its words.
Result<> check_accepts(const CodexInstall& codex, std::string_view config_toml,
                       const std::optional<std::string>& catalog_json);

}  // namespace tpool::connect
