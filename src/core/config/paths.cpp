#include "core/config/paths.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

namespace tpool::config {
namespace fs = std::filesystem;
namespace {

// An empty variable means the same as none.
std::optional<std::string> variable(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  return std::string(text);
}

Result<fs::path> from_here(const fs::path& path) {
  std::error_code failed;
  fs::path result = fs::absolute(path, failed);
  if (failed) return unavailable("cannot tell the current folder: " + failed.message());
  return result.lexically_normal();
}

// The base folder specification: a relative value is ignored.
std::optional<fs::path> xdg(const char* name) {
  const auto text = variable(name);
  if (!text || !fs::path(*text).is_absolute()) return std::nullopt;
  return fs::path(*text);
}

Result<Paths> default_places() {
  if (const auto home = variable("TPOOL_HOME")) {
    const auto root = from_here(*home);
    if (!root) return root.error();
    return Paths{*root / "config" / "tpool.toml", *root / "state", *root / "cache", *root / "run"};
  }
  const auto home = xdg("HOME");
  const auto config = xdg("XDG_CONFIG_HOME");
  const auto state = xdg("XDG_STATE_HOME");
  const auto cache = xdg("XDG_CACHE_HOME");
  if (!home && !(config && state && cache))
    return invalid("HOME is not set to a folder, so tpool does not know where its files are",
                   "set HOME, or TPOOL_HOME to a folder of your choice");
  const auto place = [&](const std::optional<fs::path>& chosen, const char* below_home) {
    return (chosen ? *chosen : *home / below_home) / "tpool";
  };
  Paths paths;
  paths.store = place(config, ".config") / "tpool.toml";
  paths.state = place(state, ".local/state");
  paths.cache = place(cache, ".cache");
  const auto runtime = xdg("XDG_RUNTIME_DIR");
  paths.runtime = runtime ? *runtime / "tpool" : paths.state / "run";
  return paths;
}

}  // namespace

Result<Paths> locate(const std::optional<fs::path>& store_override) {
  auto paths = default_places();
  if (!paths) return paths.error();
  std::optional<fs::path> store = store_override;
  if (!store) store = variable("TPOOL_CONFIG");
  if (store) {
    auto chosen = from_here(*store);
    if (!chosen) return chosen.error();
    paths->store = std::move(*chosen);
  }
  return paths;
}

Result<> make_private_folder(const fs::path& folder) {
  std::vector<fs::path> missing;
  fs::path at = folder;
  struct stat info {};
  while (!at.empty() && ::stat(at.c_str(), &info) != 0) {
    if (errno != ENOENT)
      return unavailable("cannot reach folder " + at.string() + ": " + describe_errno(errno));
    if (at.has_filename()) missing.push_back(at);
    if (at == at.parent_path()) break;
    at = at.parent_path();
  }
  if (!at.empty() && !S_ISDIR(info.st_mode))
    return unavailable(at.string() + " is not a folder", "move it away, then run this again");
  for (auto next = missing.rbegin(); next != missing.rend(); ++next) {
    // Somebody else may make it first; that is as good.
    if (::mkdir(next->c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return unavailable("cannot make folder " + next->string() + ": " + describe_errno(errno),
                         "check the owner and mode of " + next->parent_path().string());
    }
    if (::chmod(next->c_str(), 0700) != 0)
      return unavailable("cannot make folder " + next->string() +
                         " private: " + describe_errno(errno));
  }
  return {};
}

}  // namespace tpool::config
