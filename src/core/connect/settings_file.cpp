#include "core/connect/settings_file.hpp"

#include <algorithm>

#include "core/config/private_file.hpp"
#include "core/config/secret.hpp"
#include "core/connect/codex_files.hpp"
#include "core/json/value.hpp"
#include "core/text_diff.hpp"

namespace tpool::connect {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_texts = 2;
constexpr std::string_view token_prefix = "tpool_";

std::string name_of(const json::Path& path) {
  std::string name;
  for (const auto& part : path) name += (name.empty() ? "" : ".") + part;
  return name;
}

Result<FileText> read_settings(const fs::path& path) {
  auto file = read_text(path);
  if (!file) return file;
  if (auto valid = json::check_settings(file->text, path.string()); !valid)
    return corrupt(valid.error().message, "mend it and run this again; nothing was written");
  return file;
}

std::optional<Snapshot> snapshot_of(const config::Paths& paths, const fs::path& file,
                                    std::vector<std::string>& notes) {
  auto loaded = load_snapshot(paths.snapshots(), file);
  if (loaded) return std::move(*loaded);
  notes.push_back(loaded.error().message + "; what is ours is told by the names of the keys.");
  return std::nullopt;
}

struct Users {
  std::string text;
  bool changed = false;
};

std::string string_at(std::string_view text, const json::Path& path) {
  const auto raw = json::value_at(text, path);
  if (!raw) return {};
  const auto document = json::Document::parse(json::without_comments(*raw));
  return document ? std::string(document->root().string_or("")) : std::string();
}

// An object made for our key alone goes with it.
std::string without_empty_parents(std::string text, json::Path path, const std::string& users) {
  while (path.size() > 1) {
    path.pop_back();
    const auto left = json::value_at(text, path);
    if (!left || json::value_at(users, path)) break;
    if (left->find_first_not_of("{} \t\r\n") != std::string::npos) break;
    text = json::without_value(text, path);
  }
  return text;
}

// Without a snapshot our own token in its place says that the keys around it are ours too, and a
// root key when it names our provider. What stood there before is not known.
Users take_out_by_token(const std::string& text, const std::vector<SettingsKey>& keys,
                        const json::Path& token) {
  if (!string_at(text, token).starts_with(token_prefix)) return {text};
  std::string result = text;
  for (const auto& key : keys) {
    if (key.path.size() == 1 && !string_at(result, key.path).starts_with("tpool/")) continue;
    if (!json::value_at(result, key.path)) continue;
    result = without_empty_parents(json::without_value(result, key.path), key.path, "");
  }
  return {result, result != text};
}

// The file without anything of ours.
Users take_out(const std::string& text, const std::optional<Snapshot>& kept,
               const std::vector<SettingsKey>& keys, const json::Path& token,
               std::vector<std::string>& notes) {
  if (!kept) return take_out_by_token(text, keys, token);
  if (text == kept->text) return {text};
  if (std::find(kept->ours.begin(), kept->ours.end(), text) != kept->ours.end())
    return {kept->text, true};
  std::string result = text;
  for (const auto& key : keys) {
    const auto now = json::value_at(result, key.path);
    if (!now) continue;
    const auto written = kept->written.find(name_of(key.path));
    const bool ours =
        written != kept->written.end() && (key.block || written->second.contains(*now));
    if (!ours) {
      if (written != kept->written.end())
        notes.push_back("`" + name_of(key.path) + "` stays: it was changed since.");
      continue;
    }
    const auto before = json::value_at(kept->text, key.path);
    result =
        before ? json::with_raw(result, key.path, *before) : json::without_value(result, key.path);
    result = without_empty_parents(std::move(result), key.path, kept->text);
  }
  return {result, result != text};
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of("{} \t\r\n") == std::string::npos;
}

}  // namespace

Result<Plan> plan_settings(const config::Paths& paths, const fs::path& path,
                           const std::vector<SettingsKey>& keys, const json::Path& token) {
  Plan plan;
  auto file = read_settings(path);
  if (!file) return file.error();
  const auto old = snapshot_of(paths, file->resolved, plan.notes);
  std::vector<std::string> ignored;
  // Without a snapshot a value at a path where nothing of ours belongs now may well be the user's.
  std::vector<SettingsKey> surely;
  for (const auto& key : keys)
    if (old || !key.value.empty()) surely.push_back(key);
  const auto users = take_out(file->text, old, surely, token, ignored);

  Snapshot snapshot;
  snapshot.file = file->resolved;
  snapshot.text = users.text;
  snapshot.existed = users.changed && old ? old->existed : file->existed;
  // With nothing of ours in the file, what an earlier wiring wrote is history.
  if (old && users.changed) snapshot.written = old->written;
  auto text = users.changed ? users.text : file->text;
  for (const auto& key : keys) {
    if (key.value.empty()) continue;
    auto put = json::with_value(text, key.path, key.value);
    if (!put)
      return Error{put.error().code, path.string() + ": " + put.error().message, put.error().hint};
    text = std::move(*put);
    if (const auto raw = json::value_at(text, key.path))
      snapshot.written[name_of(key.path)].insert(*raw);
  }
  snapshot.ours.push_back(text);
  if (users.changed && file->text != text) snapshot.ours.push_back(file->text);
  if (snapshot.ours.size() > most_texts) snapshot.ours.resize(most_texts);
  auto change = change_of(*file, std::move(text));
  keep_others_out(*file, old, change, snapshot, plan);
  plan.keep.push_back(std::move(snapshot));
  plan.changes.push_back(std::move(change));
  return plan;
}

Result<Plan> plan_no_settings(const config::Paths& paths, const fs::path& path,
                              const std::vector<SettingsKey>& keys, const json::Path& token) {
  Plan plan;
  auto file = read_settings(path);
  if (!file) return file.error();
  const auto kept = snapshot_of(paths, file->resolved, plan.notes);
  plan.drop.push_back(file->resolved);
  if (!file->existed) return plan;
  const auto users = take_out(file->text, kept, keys, token, plan.notes);
  if (!users.changed) {
    plan.notes.push_back("Nothing of tpool's is in " + path.string() + ".");
    return plan;
  }
  auto change = change_of(*file, users.text);
  let_others_in(*file, kept, change);
  if (!kept)
    plan.notes.push_back("There is no snapshot of " + path.string() +
                         ": what tpool wrote is taken out, and older values are not known.");
  change.removed = kept && !kept->existed && is_blank(users.text);
  plan.changes.push_back(std::move(change));
  return plan;
}

std::string setting(const fs::path& path, const json::Path& key) {
  const auto file = read_settings(path);
  if (!file) return {};
  return string_at(file->text, key);
}

namespace {

// Headers may carry one under any name.
bool hides(std::string_view name) { return config::names_secret(name) || name.ends_with("eaders"); }

// A key, a token or a secret of anybody's is no business of a diff: the strings of members named
// so are masked, wherever on a line they stand and however deep below the name.
std::string masked(std::string_view text) {
  const auto strict = json::without_comments(text);
  std::string out;
  std::size_t copied = 0;
  std::vector<bool> secret{false};  // of each object and list around this place
  bool hide = false;
  for (std::size_t i = 0; i < strict.size(); ++i) {
    if (strict[i] == '{' || strict[i] == '[') secret.push_back(hide);
    if ((strict[i] == '}' || strict[i] == ']') && secret.size() > 1) secret.pop_back();
    if (std::string_view("{}[],").find(strict[i]) != std::string_view::npos) hide = secret.back();
    if (strict[i] != '"') continue;
    const auto open = i;
    for (++i; i < strict.size() && strict[i] != '"'; ++i)
      if (strict[i] == '\\') ++i;
    const auto close = std::min(i, strict.size());
    const auto next = strict.find_first_not_of(" \t\r\n", close + 1);
    if (next != std::string::npos && strict[next] == ':') {
      hide = secret.back() || hides(strict.substr(open + 1, close - open - 1));
    } else if (hide) {
      out.append(text.substr(copied, open + 1 - copied)).append("****");
      copied = close;
    }
  }
  return out.append(text.substr(copied));
}

}  // namespace

std::string settings_diff(const Plan& plan) {
  std::string result;
  for (const auto& change : plan.changes) {
    if (change.before == change.after && !change.removed) continue;
    auto before = masked(change.before);
    auto after = change.removed ? std::string() : masked(change.after);
    result += unified_diff(before, after, change.file.string());
  }
  return result;
}

}  // namespace tpool::connect
