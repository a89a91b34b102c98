// Where tpool keeps things: the XDG places, or one folder when TPOOL_HOME is set.
//
// TPOOL_HOME moves everything (config/, state/, cache/, run/ below it); TPOOL_CONFIG or --config
// moves the store file alone. Reads the environment once, in locate(). Any thread.
#pragma once

#include <filesystem>
#include <optional>

#include "core/error.hpp"

namespace tpool::config {

struct Paths {
  std::filesystem::path store;    // tpool.toml
  std::filesystem::path state;    // snapshots, backups, fetched model lists, deadlines, request log
  std::filesystem::path cache;    // what can be made again
  std::filesystem::path runtime;  // admin.sock

  std::filesystem::path backups() const { return state / "backups"; }
  std::filesystem::path model_lists() const { return state / "models"; }
  std::filesystem::path snapshots() const { return state / "snapshots"; }
  std::filesystem::path turns() const { return state / "turns.db"; }
  std::filesystem::path deadlines() const { return state / "deadlines.json"; }
  std::filesystem::path spending() const { return state / "spending.json"; }
  std::filesystem::path admin_socket() const { return runtime / "admin.sock"; }
};

// Fails (invalid) when neither TPOOL_HOME nor HOME says where home is.
Result<Paths> locate(const std::optional<std::filesystem::path>& store_override = {});

// Creates a folder and its parents with mode 0700 whatever the umask.
Result<> make_private_folder(const std::filesystem::path& folder);

}  // namespace tpool::config
