#include "core/config/store.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>
#include <vector>

#include "core/config/masked_diff.hpp"
#include "core/config/private_file.hpp"
#include "core/config/toml.hpp"
#include "core/config/validate.hpp"
#include "core/digest.hpp"

namespace tpool::config {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kept_backups = 10;
constexpr std::size_t most_notes = 5;

struct Text {
  std::string text;
  bool exists = false;
};

// A store that is not there yet is an empty text.
Result<Text> read_store(const fs::path& path) {
  auto text = read_file(path);
  if (text) return Text{std::move(*text), true};
  if (text.error().code == Code::not_found) return Text{};
  return text.error();
}

// The Config of a store's text; a broken one says how to mend it.
Result<Config> parse_store(const std::string& text, const fs::path& store,
                           std::vector<std::string>* unknown = nullptr) {
  auto config = parse(text, store.string(), unknown);
  if (config || !config.error().hint.empty()) return config;
  auto error = config.error();
  error.hint = "mend it with: tpool config edit";
  return error;
}

std::string revision_of(const Text& text) {
  return text.exists ? sha256_hex(text.text).substr(0, 16) : "empty";
}

using Micros = std::chrono::microseconds;

// Sorts by time as text.
std::string backup_name(Micros since_epoch) {
  const std::time_t seconds = since_epoch.count() / 1'000'000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char date[32];
  std::strftime(date, sizeof date, "%Y%m%dT%H%M%S", &utc);
  char name[64];
  std::snprintf(name, sizeof name, "tpool-%s.%06dZ.toml", date,
                static_cast<int>(since_epoch.count() % 1'000'000));
  return name;
}

std::optional<Micros> time_of_backup(const std::string& name) {
  std::tm utc{};
  const char* rest = ::strptime(name.c_str(), "tpool-%Y%m%dT%H%M%S", &utc);
  int micros = 0;
  int used = 0;
  if (rest == nullptr || std::sscanf(rest, ".%6dZ.toml%n", &micros, &used) != 1 || used == 0 ||
      rest[used] != '\0' || micros < 0)
    return std::nullopt;
  return std::chrono::seconds(::timegm(&utc)) + Micros(micros);
}

// Oldest first.
std::vector<Micros> backups_in(const fs::path& folder) {
  std::vector<Micros> backups;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed))
    if (const auto time = time_of_backup(at->path().filename().string())) backups.push_back(*time);
  std::sort(backups.begin(), backups.end());
  return backups;
}

Result<> back_up(const fs::path& folder, const std::string& text) {
  const auto made = make_private_folder(folder);
  if (!made) return made.error();
  auto backups = backups_in(folder);
  auto now =
      std::chrono::duration_cast<Micros>(std::chrono::system_clock::now().time_since_epoch());
  // A clock that was set back must not make the newest one look like the oldest.
  if (!backups.empty()) now = std::max(now, backups.back() + Micros(1));
  const auto written = replace_file(folder / backup_name(now), text);
  if (!written) return written.error();
  backups.push_back(now);
  std::error_code failed;
  for (std::size_t i = 0; i + kept_backups < backups.size(); ++i)
    fs::remove(folder / backup_name(backups[i]), failed);
  return {};
}

struct Planned {
  Updated updated;
  Text old;
  std::string text;  // the new one
};

Result<Planned> plan(const fs::path& store, const Edit& edit) {
  auto old = read_store(store);
  if (!old) return old.error();
  auto before = parse_store(old->text, store);
  if (!before) return before.error();
  Planned planned;
  Config after = *before;
  auto change = edit(after);
  if (!change) return change.error();
  planned.updated.change = std::move(*change);
  planned.updated.changed = after != *before;
  if (planned.updated.changed) {
    const auto valid = require_valid(after);
    if (!valid) return valid.error();
    auto text = rewrite(old->text, *before, after);
    if (!text) return text.error();
    planned.text = std::move(*text);
    planned.updated.revision = revision_of({planned.text, true});
    planned.updated.diff = masked_diff({old->text, *before}, {planned.text, after}, store.string());
  } else {
    planned.text = old->text;
    planned.updated.revision = revision_of(*old);
  }
  planned.updated.before = std::move(*before);
  planned.updated.after = std::move(after);
  planned.old = std::move(*old);
  return planned;
}

Result<Planned> plan_text(const fs::path& store, const std::string& text, const std::string& seen) {
  auto old = read_store(store);
  if (!old) return old.error();
  if (revision_of(*old) != seen)
    return conflict(store.string() + " was changed meanwhile", "look at it and edit again");
  auto after = parse(text, store.string());
  if (!after) return after.error();
  const auto valid = require_valid(*after);
  if (!valid) return valid.error();
  // A text that was broken before has nothing to compare with, and nothing to mask secrets by.
  const auto before = parse(old->text, store.string());
  Planned planned;
  planned.text = text;
  planned.updated.change.summary = "edited the store";
  planned.updated.changed = text != old->text;
  planned.updated.revision = planned.updated.changed ? revision_of({text, true}) : seen;
  if (before) {
    planned.updated.before = *before;
    planned.updated.diff = masked_diff({old->text, *before}, {text, *after}, store.string());
  }
  planned.updated.after = std::move(*after);
  planned.old = std::move(*old);
  return planned;
}

// Plans under the lock and replaces the file, or only plans.
Result<Updated> change(const Paths& paths, Mode mode,
                       const std::function<Result<Planned>(const fs::path&)>& make) {
  if (mode == Mode::dry_run) {
    auto planned = make(paths.store);
    if (!planned) return planned.error();
    return std::move(planned->updated);
  }
  // The lock stands beside the file itself, so that every link to it leads to the same lock.
  const auto target = resolve_links(paths.store);
  if (!target) return target.error();
  const auto made = make_private_folder(target->parent_path());
  if (!made) return made.error();
  fs::path lock_file = *target;
  lock_file += ".lock";
  const auto lock = FileLock::take(lock_file);
  if (!lock) return lock.error();
  sweep_leftovers(*target);
  auto planned = make(*target);
  if (!planned) return planned.error();
  if (!planned->updated.changed) return std::move(planned->updated);
  if (planned->old.exists) {
    const auto backed_up = back_up(paths.backups(), planned->old.text);
    if (!backed_up) return backed_up.error();
  }
  const auto written = replace_file(*target, planned->text);
  if (!written) return written.error();
  return std::move(planned->updated);
}

}  // namespace

Result<Loaded> Store::load() const {
  const auto text = read_store(paths_.store);
  if (!text) return text.error();
  std::vector<std::string> notes;
  auto config = parse_store(text->text, paths_.store, &notes);
  if (!config) return config.error();
  const auto valid = require_valid(*config);
  if (!valid)
    return Error{valid.error().code, paths_.store.string() + ": " + valid.error().message,
                 valid.error().hint};
  if (const auto all = notes.size(); all > most_notes) {
    notes.resize(most_notes);
    notes.push_back("and " + std::to_string(all - most_notes) +
                    " more such keys; all of them: tpool config check");
  }
  Loaded loaded{std::move(*config), revision_of(*text), std::move(notes)};
  struct stat info {};
  if (text->exists && ::stat(paths_.store.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
    loaded.notes.push_back("others on this machine can read " + paths_.store.string() +
                           "; the next edit makes it private, or run: chmod 600 " +
                           paths_.store.string());
  return loaded;
}

Result<Updated> Store::update(const Edit& edit, Mode mode) const {
  return change(paths_, mode, [&](const fs::path& store) { return plan(store, edit); });
}

Result<Updated> Store::replace_text(const std::string& text, const std::string& seen,
                                    Mode mode) const {
  return change(paths_, mode, [&](const fs::path& store) { return plan_text(store, text, seen); });
}

}  // namespace tpool::config
