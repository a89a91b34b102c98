#include <system_error>

#include "core/config/private_file.hpp"
#include "core/connect/codex.hpp"
#include "core/connect/codex_files.hpp"

namespace tpool::connect {
namespace {

namespace fs = std::filesystem;

Result<> remove_file(const fs::path& file) {
  auto resolved = config::resolve_links(file);
  if (!resolved) return resolved.error();
  std::error_code failure;
  fs::remove(*resolved, failure);
  if (failure) return unavailable("cannot remove " + file.string() + ": " + failure.message());
  return {};
}

Result<> write(const FileChange& change) {
  if (change.removed) return remove_file(change.file);
  return config::replace_file(change.file, change.after, change.new_mode);
}

Result<> undo(const FileChange& change) {
  if (!change.existed) return remove_file(change.file);
  return config::replace_file(change.file, change.before, change.mode);
}

Result<> check_unchanged(const Plan& plan) {
  for (const auto& change : plan.changes) {
    auto now = read_text(change.file);
    if (!now) return now.error();
    if (now->existed != change.existed || now->text != change.before)
      return conflict(change.file.string() + " changed while this was being prepared",
                      "run it again; nothing was written");
  }
  return {};
}

// All changes, or none: what was done is undone when a later one fails.
Result<> make_changes(const Plan& plan) {
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    if (!plan.changes[i].does_something()) continue;
    auto written = write(plan.changes[i]);
    if (written) continue;
    auto error = written.error();
    while (i-- > 0)
      if (plan.changes[i].does_something())
        if (auto undone = undo(plan.changes[i]); !undone)
          error.message += "; and " + undone.error().message;
    return error;
  }
  return {};
}

Result<config::FileLock> lock(const config::Paths& paths, const Plan& plan) {
  if (auto made = config::make_private_folder(paths.state); !made) return made.error();
  auto taken = config::FileLock::take(paths.state / "codex.lock");
  if (!taken) return taken;
  for (const auto& change : plan.changes)
    if (auto resolved = config::resolve_links(change.file); resolved)
      config::sweep_leftovers(*resolved);
  return taken;
}

// A snapshot is only worth a write when it says something new.
Result<> save(const config::Paths& paths, const Snapshot& snapshot) {
  const auto known = load_snapshot(paths.snapshots(), snapshot.file);
  if (known && *known && **known == snapshot) return {};
  return save_snapshot(paths.snapshots(), snapshot);
}

}  // namespace

Result<> apply_enable(const config::Paths& paths, const Wiring& wiring, const Plan& plan) {
  auto locked = lock(paths, plan);
  if (!locked) return locked.error();
  if (auto checked = check_unchanged(plan); !checked) return checked.error();
  std::error_code failure;
  if (!fs::exists(wiring.codex_home, failure))
    if (auto made = config::make_private_folder(wiring.codex_home); !made) return made.error();
  for (const auto& snapshot : plan.keep)
    if (auto saved = save(paths, snapshot); !saved) return saved.error();
  if (auto made = make_changes(plan); !made) return made.error();
  for (const auto& file : plan.drop)
    if (auto dropped = drop_snapshot(paths.snapshots(), file); !dropped) return dropped.error();
  return {};
}

Result<> apply_disable(const config::Paths& paths, const fs::path&, const Plan& plan) {
  auto locked = lock(paths, plan);
  if (!locked) return locked.error();
  if (auto checked = check_unchanged(plan); !checked) return checked.error();
  if (auto made = make_changes(plan); !made) return made.error();
  for (const auto& file : plan.drop)
    if (auto dropped = drop_snapshot(paths.snapshots(), file); !dropped) return dropped.error();
  return {};
}

}  // namespace tpool::connect
