// Wiring Codex to the pool, and taking it out again, touching only our own keys.
//
// A plan reads files and writes none; apply does what the plan says, or nothing. Every byte of
// config.toml outside root `model`, `model_provider`, `model_catalog_json` and
// [model_providers.tpool] stays. Works after kill -9 at any point, twice in a row, and when the
// file was edited by hand meanwhile. Blocking.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog/pool.hpp"
#include "core/config/paths.hpp"
#include "core/config/secret.hpp"
#include "core/connect/snapshot.hpp"
#include "core/error.hpp"

namespace tpool::connect {

// The client whose token stands in Codex's files.
inline constexpr std::string_view client_id = "codex";

enum class CatalogMode { live, file };

struct Wiring {
  std::filesystem::path codex_home;
  std::string listen;    // host:port of serve
  config::Secret token;  // of the client `codex`; empty: keep the one already in the file
  CatalogMode mode = CatalogMode::live;
  bool profile = false;      // write only tpool.config.toml
  bool force = false;        // replace a user-owned model_catalog_json
  std::string catalog_json;  // with file
};

struct FileChange {
  std::filesystem::path file;
  std::string before;
  std::string after;  // equal to before: nothing to do
  bool existed = false;
  bool removed = false;  // the file goes away
  // Permission bits as they are, and as they are to be: nobody else reads a file with a token.
  unsigned mode = 0600;
  unsigned new_mode = 0600;

  bool does_something() const;
};

struct Plan {
  std::vector<FileChange> changes;  // in the order they are made
  std::vector<std::string> notes;   // what the user should know, one sentence each
  bool restart_codex = false;
  std::vector<Snapshot> keep = {};               // saved before the first change
  std::vector<std::filesystem::path> drop = {};  // whose snapshots go after the last one
  // Our keys alone, for check_accepts: the user's own settings are not on trial.
  std::string probe = {};

  bool changes_anything() const;
};

// Codex's own client in the pool's store: what it may use is all that Codex is given. Null while
// there is none.
const config::Client* codex_client(const catalog::Pool& pool);
// The pool offers no model, or Codex none that it may use: there is nothing to wire Codex to.
Error empty_pool(const catalog::Pool& pool);

// CODEX_HOME, or ~/.codex.
Result<std::filesystem::path> codex_home(const std::optional<std::filesystem::path>& override_path);

// conflict for a user-owned model_catalog_json without force; corrupt when config.toml does not
// parse; not_found when there is no token to write.
Result<Plan> plan_enable(const config::Paths& paths, const Wiring& wiring,
                         const catalog::Pool& pool);
// Without a pool a name is taken for one of its slugs when it holds a slash.
Result<Plan> plan_disable(const config::Paths& paths, const std::filesystem::path& codex_home,
                          const catalog::Pool* pool);
// conflict when a file changed since the plan was made: nothing is written then.
Result<> apply_enable(const config::Paths& paths, const Wiring& wiring, const Plan& plan);
Result<> apply_disable(const config::Paths& paths, const std::filesystem::path& codex_home,
                       const Plan& plan);

struct Wired {
  bool config = false;   // config.toml points at us
  bool profile = false;  // tpool.config.toml exists
  bool token = false;    // a token of ours is in the file
  CatalogMode mode = CatalogMode::live;
  std::string base_url;
  std::optional<std::string> model;  // the root key, whoever set it
  std::vector<std::string> traps;    // HTTP_PROXY without NO_PROXY, a catalog file that wins, ...
};
// `listen` is where serve answers, to notice a file that points elsewhere.
Result<Wired> inspect(const config::Paths& paths, const std::filesystem::path& codex_home,
                      const std::optional<std::string>& listen = {});

// The token in the file, to keep it across a re-sync.
std::optional<config::Secret> wired_token(const std::filesystem::path& codex_home);

// Unified diff of a plan with the token masked.
std::string diff(const Plan& plan);

}  // namespace tpool::connect
