// Codex and the pool kept in step: which Codex homes are wired, and what an edit means for them.
//
// Everything the CLI asks of core/connect goes through here. The homes that `pool enable` wired are
// remembered in the state directory, so that an edit made elsewhere finds them. Blocking.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/catalog/pool.hpp"
#include "core/config/config.hpp"
#include "core/config/paths.hpp"
#include "core/connect/codex.hpp"
#include "core/connect/codex_catalog.hpp"
#include "core/connect/codex_install.hpp"
#include "core/error.hpp"

namespace tpool::cli {

// The installed Codex, asked once per run of the program.
const Result<connect::CodexInstall>& installed_codex();

// host:port that serve answers on: TPOOL_LISTEN, the store, or the default.
std::string listen_of(const config::Config& config);

// How many models of the pool Codex may choose from, and the one it starts with (null: none): its
// client may be limited to some.
std::size_t listed(const catalog::Pool& pool);
const catalog::Entry* first_model(const catalog::Pool& pool);

// The catalog Codex would get, built on the installed Codex's own entry when there is one.
Result<connect::Catalog> make_catalog(const catalog::Pool& pool, std::vector<std::string>& notes);

// Keeps the installed Codex's own entry where serve finds it.
Result<> keep_codex_entry(const config::Paths& paths);

struct WiringWish {
  std::filesystem::path home;
  connect::CatalogMode mode = connect::CatalogMode::live;
  bool profile = false;
  bool force = false;
  config::Secret token = {};  // empty: keep the one in the file
};

struct PreparedWiring {
  connect::Wiring wiring;
  connect::Plan plan;
};

// Plans, and lets the installed Codex read the result in a scratch home. Writes nothing.
Result<PreparedWiring> prepare_wiring(const config::Paths& paths, const config::Config& config,
                                      const catalog::Pool& pool, const WiringWish& wish);

// Homes wired so far; without any, the one CODEX_HOME or ~/.codex names.
Result<std::vector<std::filesystem::path>> known_homes(const config::Paths& paths);
Result<> remember_home(const config::Paths& paths, const std::filesystem::path& home);
Result<> forget_home(const config::Paths& paths, const std::filesystem::path& home);

// How Codex is started to reach the pool: "codex", or "codex -p tpool" where only the profile does.
std::string codex_command(const config::Paths& paths);

// What bringing Codex up to date did, or would do.
struct Resync {
  std::string codex = "none";  // live | file | none
  bool restart_codex = false;
  std::vector<std::string> notes = {};
  std::string diff = {};
};

// After an edit of the store: plans and, unless `dry_run`, writes for every wired home.
Result<Resync> resync(const config::Paths& paths, const config::Config& config,
                      const std::string& revision, bool dry_run);

}  // namespace tpool::cli
