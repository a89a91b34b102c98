#include "cli/codex_wiring.hpp"

#include <algorithm>
#include <cstdlib>

#include "cli/context.hpp"
#include "core/catalog/may_use.hpp"
#include "core/config/private_file.hpp"
#include "core/connect/kept_entry.hpp"

namespace tpool::cli {
namespace {

namespace fs = std::filesystem;

fs::path homes_file(const config::Paths& paths) { return paths.state / "codex_homes"; }

Result<std::vector<fs::path>> read_homes(const config::Paths& paths) {
  const auto text = config::read_file(homes_file(paths));
  if (!text && text.error().code == Code::not_found) return std::vector<fs::path>{};
  if (!text) return text.error();
  std::vector<fs::path> homes;
  for (std::size_t at = 0; at < text->size();) {
    const auto end = std::min(text->find('\n', at), text->size());
    if (end > at) homes.emplace_back(text->substr(at, end - at));
    at = end + 1;
  }
  return homes;
}

Result<> write_homes(const config::Paths& paths, const std::vector<fs::path>& homes) {
  if (homes.empty()) {
    std::error_code failed;
    fs::remove(homes_file(paths), failed);
    if (failed) return unavailable("cannot remove " + homes_file(paths).string());
    return {};
  }
  std::string text;
  for (const auto& home : homes) text += home.string() + "\n";
  if (auto made = config::make_private_folder(paths.state); !made) return made.error();
  return config::replace_file(homes_file(paths), text);
}

// The installed Codex reads our keys, and the catalog file, before they count.
Result<> let_codex_read(PreparedWiring& prepared) {
  const auto& codex = installed_codex();
  if (!codex || prepared.plan.probe.empty() || !prepared.plan.changes_anything()) return {};
  std::optional<std::string> catalog;
  if (prepared.wiring.mode == connect::CatalogMode::file) catalog = prepared.wiring.catalog_json;
  const auto read = connect::check_accepts(*codex, prepared.plan.probe, catalog);
  if (read || read.error().code == Code::invalid) return read;
  prepared.plan.notes.push_back("not tried with Codex: " + read.error().message);
  return {};
}

}  // namespace

const Result<connect::CodexInstall>& installed_codex() {
  static const auto found = connect::find_codex();
  return found;
}

std::string listen_of(const config::Config& config) {
  std::string listen = config.settings.listen.value_or(std::string(config::default_listen));
  if (const char* set = std::getenv("TPOOL_LISTEN"); set != nullptr && *set != '\0') listen = set;
  // What listens everywhere is reached on loopback.
  for (const std::string_view any : {"0.0.0.0:", "[::]:", "*:"})
    if (listen.starts_with(any)) return "127.0.0.1:" + listen.substr(any.size());
  return listen;
}

std::size_t listed(const catalog::Pool& pool) {
  return catalog::count_listed(connect::codex_client(pool), pool);
}

const catalog::Entry* first_model(const catalog::Pool& pool) {
  return catalog::default_for(connect::codex_client(pool), pool);
}

Result<> keep_codex_entry(const config::Paths& paths) {
  const auto& codex = installed_codex();
  if (!codex) return {};
  const auto entry = connect::bundled_entry(*codex);
  // Without it serve falls back to our own; the wiring is as good.
  return entry ? connect::keep_entry(paths, *entry) : Result<>();
}

Result<connect::Catalog> make_catalog(const catalog::Pool& pool, std::vector<std::string>& notes) {
  std::string base;
  if (const auto& codex = installed_codex(); codex) {
    auto entry = connect::bundled_entry(*codex);
    if (entry) base = std::move(*entry);
    if (!entry)
      notes.push_back("Codex's own catalog could not be read (" + entry.error().message +
                      "); tpool's bundled one was used");
  }
  const auto* client = connect::codex_client(pool);
  if (listed(pool) == 0 && catalog::count_listed(nullptr, pool) > 0)
    return connect::empty_pool(pool);
  return connect::codex_catalog(
      pool, base, [client](std::string_view name) { return catalog::may_use(client, name); });
}

Result<PreparedWiring> prepare_wiring(const config::Paths& paths, const config::Config& config,
                                      const catalog::Pool& pool, const WiringWish& wish) {
  if (listed(pool) == 0 && catalog::count_listed(nullptr, pool) > 0)
    return connect::empty_pool(pool);
  if (listed(pool) == 0)
    return invalid("the pool holds no model to show",
                   "add a provider: tpool provider add deepseek");
  PreparedWiring prepared;
  std::vector<std::string> notes;
  prepared.wiring = {.codex_home = wish.home,
                     .listen = listen_of(config),
                     .token = wish.token,
                     .mode = wish.mode,
                     .profile = wish.profile,
                     .force = wish.force};
  if (wish.mode == connect::CatalogMode::file) {
    auto catalog = make_catalog(pool, notes);
    if (!catalog) return catalog.error();
    prepared.wiring.catalog_json = std::move(catalog->json);
  }
  auto plan = connect::plan_enable(paths, prepared.wiring, pool);
  if (!plan) return plan.error();
  prepared.plan = std::move(*plan);
  prepared.plan.notes.insert(prepared.plan.notes.end(), notes.begin(), notes.end());
  if (auto read = let_codex_read(prepared); !read) return read.error();
  return prepared;
}

Result<std::vector<fs::path>> known_homes(const config::Paths& paths) {
  auto homes = read_homes(paths);
  if (!homes || !homes->empty()) return homes;
  auto usual = connect::codex_home(std::nullopt);
  if (!usual) return usual.error();
  return std::vector<fs::path>{std::move(*usual)};
}

Result<> remember_home(const config::Paths& paths, const fs::path& home) {
  auto homes = read_homes(paths);
  if (!homes) return homes.error();
  if (std::find(homes->begin(), homes->end(), home) != homes->end()) return {};
  homes->push_back(home);
  return write_homes(paths, *homes);
}

Result<> forget_home(const config::Paths& paths, const fs::path& home) {
  auto homes = read_homes(paths);
  if (!homes) return homes.error();
  if (std::erase(*homes, home) == 0) return {};
  return write_homes(paths, *homes);
}

std::string codex_command(const config::Paths& paths) {
  bool profile = false;
  if (const auto homes = known_homes(paths))
    for (const auto& home : *homes) {
      const auto wired = connect::inspect(paths, home);
      if (wired && wired->config) return "codex";
      profile = profile || (wired && wired->profile);
    }
  return profile ? "codex -p tpool" : "codex";
}

Result<Resync> resync(const config::Paths& paths, const config::Config& config,
                      const std::string& revision, bool dry_run) {
  Resync done;
  if (!config.pool.enabled) return done;
  const auto homes = known_homes(paths);
  if (!homes) return homes.error();
  const auto pool = build_pool(paths, config, revision);
  if (!pool) return pool.error();
  for (const auto& home : *homes) {
    const auto wired = connect::inspect(paths, home);
    if (!wired) return wired.error();
    if (!wired->config && !wired->profile) continue;
    const bool file = config.pool.catalog.value_or("") == "file" ||
                      (!config.pool.catalog && wired->mode == connect::CatalogMode::file);
    done.codex = file ? "file" : "live";
    if (listed(**pool) == 0) {
      const bool empty = catalog::count_listed(nullptr, **pool) == 0;
      done.notes.push_back(
          (empty ? "the pool is empty now, so Codex has nothing to choose from; add a provider"
                 : connect::empty_pool(**pool).message + "; give its `models` more patterns") +
          ", or take Codex off the pool with: tpool pool disable");
      continue;
    }
    for (const bool profile : {false, true}) {
      if (!(profile ? wired->profile : wired->config)) continue;
      auto prepared =
          prepare_wiring(paths, config, **pool,
                         {.home = home,
                          .mode = file ? connect::CatalogMode::file : connect::CatalogMode::live,
                          .profile = profile});
      if (!prepared) return prepared.error();
      const auto& plan = prepared->plan;
      if (!plan.changes_anything()) continue;
      done.diff += connect::diff(plan);
      done.restart_codex = done.restart_codex || plan.restart_codex;
      done.notes.insert(done.notes.end(), plan.notes.begin(), plan.notes.end());
      if (dry_run) continue;
      if (auto applied = connect::apply_enable(paths, prepared->wiring, plan); !applied)
        return applied.error();
    }
  }
  return done;
}

}  // namespace tpool::cli
