#include <algorithm>

#include "core/catalog/may_use.hpp"
#include "core/config/toml.hpp"
#include "core/config/toml_spans.hpp"
#include "core/connect/codex.hpp"
#include "core/connect/codex_files.hpp"
#include "core/connect/codex_text.hpp"

namespace tpool::connect {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_texts = 2;

// A snapshot that cannot be read is as good as lost: the marks in the file still tell.
std::optional<Snapshot> snapshot_of(const config::Paths& paths, const fs::path& file,
                                    std::vector<std::string>& notes) {
  auto loaded = load_snapshot(paths.snapshots(), file);
  if (loaded) return std::move(*loaded);
  notes.push_back(loaded.error().message + "; what is ours is told by its marks alone.");
  return std::nullopt;
}

TakeOut how_to_take(const CodexFiles& files, const catalog::Pool* pool,
                    const std::optional<Snapshot>& snapshot) {
  return {pool_names(pool), files.catalog.string(), snapshot ? &*snapshot : nullptr};
}

// Why `model` changes, or nullopt when it may stay.
std::optional<std::string> model_to_write(const catalog::Pool& pool,
                                          const std::optional<std::string>& current) {
  const auto* client = codex_client(pool);
  if (current && pool.resolve(*current) && catalog::may_ask_for(client, pool, *current))
    return std::nullopt;
  const auto* entry = catalog::default_for(client, pool);
  return entry ? std::optional(entry->name) : std::nullopt;
}

Error user_owned_catalog(const fs::path& file, const std::string& catalog, CatalogMode mode) {
  return conflict(file.string() + " names a model catalog of your own, " + catalog +
                      (mode == CatalogMode::live ? ", which would win over tpool's list"
                                                 : ", which tpool's would replace"),
                  "run it again with --force (pool disable puts yours back), or remove "
                  "model_catalog_json");
}

Result<> check_result(const std::string& text, const fs::path& file) {
  if (config::check_syntax(text, file.string())) return {};
  return invalid(file.string() + " is written in a way that leaves no place for a provider table",
                 "write its providers as [model_providers.NAME] tables; nothing was written");
}

// What of the user's stands in the file, and the snapshot that will say so.
Snapshot next_snapshot(const FileText& file, const std::optional<Snapshot>& old,
                       const TakenOut& users, const PutIn& put) {
  Snapshot snapshot;
  snapshot.file = file.resolved;
  snapshot.text = users.text;
  snapshot.existed = users.changed ? (old ? old->existed : true) : file.existed;
  snapshot.ours.push_back(put.text);
  // A process killed before the write leaves the text this one replaces.
  if (users.changed && file.text != put.text) snapshot.ours.push_back(file.text);
  if (snapshot.ours.size() > most_texts) snapshot.ours.resize(most_texts);
  if (old && users.changed) snapshot.written = old->written;
  for (const auto& [key, raw] : put.written) snapshot.written[key].insert(raw);
  return snapshot;
}

Result<> plan_catalog_file(const config::Paths& paths, const CodexFiles& files,
                           const std::string& json, Plan& plan) {
  auto file = read_text(files.catalog);
  if (!file) return file.error();
  if (file->existed && !is_our_catalog(file->text)) {
    auto kept = snapshot_of(paths, file->resolved, plan.notes);
    if (!kept) plan.keep.push_back({file->resolved, true, file->text, {}, {json}, {}});
  }
  plan.changes.push_back(change_of(*file, json));
  return {};
}

// Takes our catalog file away, or puts the user's back.
Result<> plan_no_catalog_file(const config::Paths& paths, const CodexFiles& files, Plan& plan) {
  auto file = read_text(files.catalog);
  if (!file) return file.error();
  const auto kept = snapshot_of(paths, file->resolved, plan.notes);
  plan.drop.push_back(file->resolved);
  if (!file->existed || !is_our_catalog(file->text)) return {};
  auto change = change_of(*file, kept ? kept->text : std::string());
  change.removed = !kept;
  plan.changes.push_back(std::move(change));
  return {};
}

// A model picked inside Codex since is not ours to keep, and not ours to drop in silence.
void note_model(const std::string& before, const std::string& after,
                const std::optional<Snapshot>& kept, Plan& plan) {
  const auto was = read_codex(before);
  const auto is = read_codex(after);
  if (!was || !is || !was->model || was->model == is->model) return;
  if (kept) {
    const auto written = kept->written.find("model");
    if (written != kept->written.end() && written->second.contains(config::quote(*was->model)))
      return;
  }
  plan.notes.push_back("`model` was " + *was->model + ", a model of the pool; it is " +
                       (is->model ? "back to " + *is->model : "removed") + ".");
}

Result<> plan_taking_out(const config::Paths& paths, const CodexFiles& files, const fs::path& path,
                         const catalog::Pool* pool, Plan& plan) {
  auto file = read_toml(path);
  if (!file) return file.error();
  const auto kept = snapshot_of(paths, file->resolved, plan.notes);
  plan.drop.push_back(file->resolved);
  if (!file->existed) return {};
  auto taken = take_out(file->text, how_to_take(files, pool, kept));
  if (!taken) return taken.error();
  if (auto valid = check_result(taken->text, path); !valid) return valid.error();
  plan.notes.insert(plan.notes.end(), taken->notes.begin(), taken->notes.end());
  if (!taken->changed) return {};
  note_model(file->text, taken->text, kept, plan);
  if (!kept)
    plan.notes.push_back("There is no snapshot of " + path.string() +
                         ": what tpool wrote is taken out, and older values are not known.");
  auto change = change_of(*file, taken->text);
  let_others_in(*file, kept, change);
  const bool blank = taken->text.find_first_not_of(" \t\r\n") == std::string::npos;
  const bool made_by_us = kept ? !kept->existed : path == files.profile;
  change.removed = blank && made_by_us;
  plan.changes.push_back(std::move(change));
  return {};
}

// The other file may still live from the catalog file.
bool names_catalog(const fs::path& path, const CodexFiles& files) {
  const auto file = read_toml(path);
  const auto facts = file ? read_codex(file->text) : Result<CodexFacts>(CodexFacts());
  return facts && facts->model_catalog_json == files.catalog.string();
}

void note_mode(const Wiring& wiring, Plan& plan) {
  if (wiring.mode == CatalogMode::live) {
    plan.notes.push_back("Live catalog: a running Codex sees later changes by itself.");
    return;
  }
  plan.notes.push_back(
      "Catalog file: a running Codex keeps the list it started with. Restart it, and its "
      "background "
      "daemon (codex app-server daemon restart).");
}

}  // namespace

const config::Client* codex_client(const catalog::Pool& pool) {
  if (!pool.config) return nullptr;
  const auto& clients = pool.config->clients;
  const auto found = std::ranges::find(clients, client_id, &config::Client::id);
  return found == clients.end() ? nullptr : &*found;
}

Error empty_pool(const catalog::Pool& pool) {
  if (pool.default_entry())
    return invalid("client " + std::string(client_id) + " may use no model that the pool offers",
                   "give its `models` more patterns: tpool config edit");
  return invalid("the pool offers no model, so there is nothing to put into Codex",
                 "tpool provider add, or enable one: tpool provider list");
}

bool FileChange::does_something() const {
  if (removed) return existed;
  return before != after || !existed || mode != new_mode;
}

bool Plan::changes_anything() const {
  return std::ranges::any_of(changes, &FileChange::does_something);
}

Result<Plan> plan_enable(const config::Paths& paths, const Wiring& wiring,
                         const catalog::Pool& pool) {
  if (!catalog::default_for(codex_client(pool), pool)) return empty_pool(pool);
  const bool file_mode = wiring.mode == CatalogMode::file;
  if (file_mode && wiring.catalog_json.empty())
    return invalid("there is no catalog to write", "tpool catalog show");
  const CodexFiles files(wiring.codex_home);
  Plan plan;
  auto file = read_toml(wiring.profile ? files.profile : files.config);
  if (!file) return file.error();
  auto facts = read_codex(file->text);
  if (!facts) return facts.error();
  const auto old = snapshot_of(paths, file->resolved, plan.notes);
  const auto how = how_to_take(files, &pool, old);
  auto users = take_out(file->text, how);
  if (!users) return users.error();

  // With our own key in place the user's was dealt with before.
  const auto& named = facts->model_catalog_json;
  const bool theirs = named && *named != files.catalog.string();
  if (theirs && !wiring.force) return user_owned_catalog(file->file, *named, wiring.mode);

  auto token = wiring.token;
  if (token.empty()) token = wired_token(wiring.codex_home).value_or(config::Secret());
  if (token.empty())
    return not_found("there is no client token to write into " + file->file.string(),
                     "make one with: tpool client create codex");

  CodexValues values;
  values.model = model_to_write(pool, facts->model);
  values.base_url = base_url_for(wiring.listen);
  values.token = token.reveal();
  if (file_mode)
    values.catalog_file = files.catalog.string();
  else
    values.catalog_url = values.base_url + "/models";
  auto put = put_in(file->text, values);
  if (!put) return put.error();
  if (auto valid = check_result(put->text, file->file); !valid) return valid.error();

  if (file_mode)
    if (auto planned = plan_catalog_file(paths, files, wiring.catalog_json, plan); !planned)
      return planned.error();
  auto snapshot = next_snapshot(*file, old, *users, *put);
  auto change = change_of(*file, put->text);
  keep_others_out(*file, old, change, snapshot, plan);
  plan.keep.push_back(std::move(snapshot));
  plan.changes.push_back(std::move(change));
  if (!file_mode && !wiring.profile && !names_catalog(files.profile, files))
    if (auto planned = plan_no_catalog_file(paths, files, plan); !planned) return planned.error();

  auto probe_values = values;
  if (!probe_values.model) probe_values.model = facts->model;
  auto probe = put_in("", probe_values);
  if (!probe) return probe.error();
  plan.probe = std::move(probe->text);
  plan.restart_codex = file_mode && plan.changes_anything();
  note_mode(wiring, plan);
  if (values.model && facts->model)
    plan.notes.push_back("`model` was " + *facts->model + ", which " +
                         (pool.resolve(*facts->model)
                              ? "client " + std::string(client_id) + " may not use"
                              : std::string("is not in the pool")) +
                         "; it is now " + *values.model + ", until pool disable.");
  if (wiring.profile) plan.notes.push_back("Start Codex with: codex -p tpool");
  return plan;
}

Result<Plan> plan_disable(const config::Paths& paths, const fs::path& codex_home,
                          const catalog::Pool* pool) {
  const CodexFiles files(codex_home);
  Plan plan;
  for (const auto& path : {files.config, files.profile})
    if (auto planned = plan_taking_out(paths, files, path, pool, plan); !planned)
      return planned.error();
  if (auto planned = plan_no_catalog_file(paths, files, plan); !planned) return planned.error();
  plan.restart_codex = !plan.changes.empty() && plan.changes.back().file == files.catalog;
  if (!plan.changes_anything()) plan.notes.push_back("Nothing of tpool's is in Codex's files.");
  return plan;
}

}  // namespace tpool::connect
