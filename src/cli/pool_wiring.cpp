#include <algorithm>

#include "cli/admin_client.hpp"
#include "cli/apply_edit.hpp"
#include "cli/codex_wiring.hpp"
#include "cli/pool.hpp"
#include "core/config/edit.hpp"
#include "core/digest.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

namespace fs = std::filesystem;
using connect::CatalogMode;

const std::string client_id(connect::client_id);

Result<fs::path> home_of(const Context& context) {
  std::optional<fs::path> chosen;
  if (const auto folder = context.args.value("--codex-home")) chosen = *folder;
  return connect::codex_home(chosen);
}

std::string_view to_string(CatalogMode mode) { return mode == CatalogMode::file ? "file" : "live"; }

// The user's word, else the store's, else what the installed Codex can do.
CatalogMode choose_mode(Context& context, const config::Config& config) {
  const auto said = context.args.value("--catalog");
  if (said) return *said == "file" ? CatalogMode::file : CatalogMode::live;
  if (config.pool.catalog)
    return *config.pool.catalog == "file" ? CatalogMode::file : CatalogMode::live;
  const auto& codex = installed_codex();
  if (!codex) {
    context.out.say("no Codex was found on this machine; wiring it for live catalogs");
    return CatalogMode::live;
  }
  if (!codex->live_catalog)
    context.out.say("Codex " + codex->version + " cannot fetch a catalog, so it gets a file");
  return codex->live_catalog ? CatalogMode::live : CatalogMode::file;
}

// The token that Codex's file already holds and the store knows; else a new one.
config::Secret token_for(const config::Paths& paths, const config::Config& config,
                         const fs::path& home) {
  const auto client = std::find_if(config.clients.begin(), config.clients.end(),
                                   [](const auto& each) { return each.id == client_id; });
  std::vector<fs::path> homes{home};
  if (const auto known = known_homes(paths); known)
    homes.insert(homes.end(), known->begin(), known->end());
  for (const auto& each : homes)
    if (auto token = connect::wired_token(each);
        token && client != config.clients.end() &&
        equal_constant_time(sha256_hex(token->reveal()), client->token_sha256))
      return std::move(*token);
  return config::Secret(new_token());
}

std::string files_of(const connect::Plan& plan) {
  std::vector<std::string> files;
  for (const auto& change : plan.changes)
    if (change.before != change.after || !change.existed || change.removed)
      files.push_back(change.file.string());
  return join(files, " and ");
}

Error half_done(const std::string& done, const Error& cause, const std::string& command) {
  return {cause.code, done + ", but: " + cause.message,
          (cause.hint.empty() ? "" : cause.hint + "; ") + "then run: " + command};
}

struct Wired {
  std::string mode = "none";
  bool changed = false;
  bool restart_codex = false;
  std::string diff;
  std::vector<std::string> notes;
};

void print_json(Context& context, const config::Updated& updated, const Wired& wired,
                std::size_t models) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  writer.member("changed", updated.changed || wired.changed).member("revision", updated.revision);
  writer.key("resync").begin_object();
  writer.member("codex", wired.mode).member("restart_codex", wired.restart_codex).end_object();
  if (context.dry_run()) writer.member("dry_run", true).member("diff", updated.diff + wired.diff);
  writer.member("models", models).key("notes").begin_array();
  for (const auto& note : wired.notes) writer.string(note);
  writer.end_array().end_object();
  context.out.document(text);
}

}  // namespace

Result<> pool_enable(Context& context) {
  auto& out = context.out;
  const auto home = home_of(context);
  if (!home) return home.error();
  const auto loaded = context.load();
  if (!loaded) return loaded.error();

  const auto token = token_for(context.paths, loaded->config, *home);
  const auto edit = [&](config::Config& config) -> Result<config::Change> {
    const config::Client client{.id = client_id, .token_sha256 = sha256_hex(token.reveal())};
    const auto same = [&](const auto& each) {
      return each.id == client.id && each.token_sha256 == client.token_sha256;
    };
    if (std::none_of(config.clients.begin(), config.clients.end(), same))
      if (auto put = config::put_client(config, client, true); !put) return put.error();
    return config::set_pool_enabled(config, true, context.args.value("--catalog"));
  };
  auto updated = context.store().update(edit, config::Mode::dry_run);
  if (!updated) return updated.error();
  const auto pool = build_pool(context.paths, updated->after, updated->revision);
  if (!pool) return pool.error();
  if (!first_model(**pool)) return connect::empty_pool(**pool);
  const auto mode = choose_mode(context, loaded->config);
  auto prepared = prepare_wiring(context.paths, updated->after, **pool,
                                 {.home = *home,
                                  .mode = mode,
                                  .profile = context.args.has("--profile"),
                                  .force = context.args.has("--force"),
                                  .token = token});
  if (!prepared) return prepared.error();
  Wired wired{.mode = std::string(to_string(mode)),
              .changed = prepared->plan.changes_anything(),
              .restart_codex = prepared->plan.restart_codex,
              .diff = connect::diff(prepared->plan),
              .notes = prepared->plan.notes};
  if (!context.dry_run()) {
    if (wired.changed)
      if (auto agreed = context.show_and_ask(wired.diff, files_of(prepared->plan)); !agreed)
        return agreed;
    if (auto kept = keep_codex_entry(context.paths); !kept) return kept;
    updated = context.store().update(edit);
    if (!updated) return updated.error();
    tell_serve(context);
    if (auto noted = remember_home(context.paths, *home); !noted) return noted.error();
    auto applied = connect::apply_enable(context.paths, prepared->wiring, prepared->plan);
    if (!applied)
      return half_done("the pool is enabled in the store", applied.error(), "tpool pool enable");
  }
  if (out.json()) {
    print_json(context, *updated, wired, listed(**pool));
    return {};
  }
  for (const auto& note : wired.notes) out.say("note: " + note);
  if (context.dry_run()) {
    out.data(updated->diff + wired.diff);
    out.say(updated->changed || wired.changed ? "dry run: nothing was changed"
                                              : "dry run: nothing would change");
    return {};
  }
  out.say((wired.changed ? "Codex is wired to the pool (" : "Codex was already wired (") +
          wired.mode + " catalog): " + counted(listed(**pool), "model") + " in its picker");
  const auto* first = first_model(**pool);
  if (!serve_is_running(context.paths))
    out.next("tpool serve (Codex waits for ever while nothing serves)");
  else
    out.next(std::string("codex ") + (context.args.has("--profile") ? "-p tpool " : "") + "-m " +
             (first ? first->name : "MODEL"));
  return {};
}

Result<> pool_disable(Context& context) {
  auto& out = context.out;
  const bool one_home = context.args.has("--codex-home");
  auto homes = known_homes(context.paths);
  if (!homes) return homes.error();
  const auto known = *homes;
  if (one_home) {
    const auto home = home_of(context);
    if (!home) return home.error();
    homes = std::vector<fs::path>{*home};
  }
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  const catalog::Pool* current = pool ? pool->get() : nullptr;

  Wired wired;
  for (const auto& home : *homes) {
    const auto plan = connect::plan_disable(context.paths, home, current);
    if (!plan) return plan.error();
    wired.diff += connect::diff(*plan);
    wired.notes.insert(wired.notes.end(), plan->notes.begin(), plan->notes.end());
    wired.changed = wired.changed || plan->changes_anything();
    wired.restart_codex = wired.restart_codex || plan->restart_codex;
    if (context.dry_run()) continue;
    if (auto applied = connect::apply_disable(context.paths, home, *plan); !applied)
      return applied.error();
    if (auto forgot = forget_home(context.paths, home); !forgot) return forgot.error();
  }

  // Another Codex home that stays wired keeps the pool, and its token, alive.
  const bool others =
      one_home && std::any_of(known.begin(), known.end(), [&](const fs::path& home) {
        const auto state = connect::inspect(context.paths, home);
        return home != homes->front() && state && (state->config || state->profile);
      });
  const auto updated = store_edit(context, [&](config::Config& config) -> Result<config::Change> {
    if (others) return config::Change{"took one Codex off the pool; another stays wired"};
    const bool token = std::any_of(config.clients.begin(), config.clients.end(),
                                   [](const auto& each) { return each.id == client_id; });
    std::vector<std::string> notes;
    if (token) {
      auto gone = config::revoke_client(config, client_id, true);
      if (!gone) return gone.error();
      notes = std::move(gone->notes);
    }
    auto change = config::set_pool_enabled(config, false, std::nullopt);
    if (change) change->notes.insert(change->notes.end(), notes.begin(), notes.end());
    return change;
  });
  if (!updated)
    return half_done("Codex's files are as before", updated.error(), "tpool pool disable");
  if (!context.dry_run()) tell_serve(context);
  const auto& notes = updated->change.notes;
  wired.notes.insert(wired.notes.end(), notes.begin(), notes.end());
  if (out.json()) {
    print_json(context, *updated, wired, 0);
    return {};
  }
  for (const auto& note : wired.notes) out.say("note: " + note);
  if (context.dry_run()) {
    out.data(updated->diff + wired.diff);
    out.say("dry run: nothing was changed");
    return {};
  }
  if (!wired.changed && !updated->changed) {
    out.say("nothing to change: Codex is not wired to the pool");
    return {};
  }
  out.say("Codex is off the pool and its settings are back");
  out.next("tpool pool enable, to wire it again");
  return {};
}

Result<> pool_sync(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  if (!loaded->config.pool.enabled)
    return conflict("the pool is off, so there is nothing to bring up to date",
                    "tpool pool enable");
  if (!context.dry_run())
    if (auto kept = keep_codex_entry(context.paths); !kept) return kept;
  const auto synced = resync(context.paths, loaded->config, loaded->revision, context.dry_run());
  if (!synced) return synced.error();
  if (synced->codex == "none")
    return conflict("the pool is on, but no Codex is wired to it", "tpool pool enable");
  const Wired wired{.mode = synced->codex,
                    .changed = !synced->diff.empty(),
                    .restart_codex = synced->restart_codex,
                    .diff = synced->diff,
                    .notes = synced->notes};
  if (context.out.json()) {
    const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
    if (!pool) return pool.error();
    print_json(context, {.revision = loaded->revision}, wired, listed(**pool));
    return {};
  }
  for (const auto& note : wired.notes) context.out.say("note: " + note);
  if (context.dry_run()) context.out.data(wired.diff);
  context.out.say(!wired.changed      ? "Codex's files are up to date"
                  : context.dry_run() ? "dry run: nothing was changed"
                                      : "Codex's files were brought up to date");
  return {};
}

}  // namespace tpool::cli
