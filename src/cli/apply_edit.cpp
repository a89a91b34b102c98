#include "cli/apply_edit.hpp"

#include "cli/admin_client.hpp"
#include "cli/codex_wiring.hpp"
#include "core/config/validate.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

void print_json(Context& context, const config::Updated& updated, const Resync& synced,
                const EditReport& report) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  writer.member("changed", updated.changed).member("revision", updated.revision);
  writer.key("resync").begin_object();
  writer.member("codex", synced.codex).member("restart_codex", synced.restart_codex).end_object();
  if (context.dry_run()) writer.member("dry_run", true).member("diff", updated.diff + synced.diff);
  for (const auto& [name, json] : report.members) writer.key(name).raw(json);
  writer.key("notes").begin_array();
  for (const auto* notes : {&updated.change.notes, &synced.notes})
    for (const auto& note : *notes) writer.string(note);
  writer.end_array().end_object();
  context.out.document(text);
}

void print_plain(Context& context, const config::Updated& updated, const Resync& synced,
                 const EditReport& report) {
  auto& out = context.out;
  for (const auto* notes : {&updated.change.notes, &synced.notes})
    for (const auto& note : *notes) out.say("note: " + note);
  if (context.dry_run()) {
    out.data(updated.diff + synced.diff);
    out.say(updated.changed ? "dry run: nothing was changed" : "dry run: nothing would change");
    return;
  }
  out.say(updated.changed ? updated.change.summary : "nothing to change");
  if (!synced.diff.empty()) out.say("Codex's files are up to date");
  for (const auto& line : report.lines) out.say(line);
  for (const auto& warning : report.warnings) out.warn(warning);
  out.next(report.next.empty() ? next_step(context, updated.after) : report.next);
}

}  // namespace

void EditReport::add_text(const std::string& name, std::string_view text) {
  std::string json;
  json::append_quoted(json, json::replace_invalid_utf8(text));
  members.emplace_back(name, std::move(json));
}

Result<> still_builds(const Context& context, const config::Config& before,
                      const config::Config& after) {
  const auto made = build_pool(context.paths, after, "");
  // One that was broken before may be what this edit repairs, or has nothing to do with it.
  if (made || !build_pool(context.paths, before, "")) return {};
  return made.error();
}

Result<config::Updated> store_edit(Context& context, const config::Edit& edit) {
  const auto guarded = [&](config::Config& config) -> Result<config::Change> {
    const auto before = config;
    auto change = edit(config);
    if (!change) return change;
    // What is no valid store says so itself, and better.
    if (!config::validate(config).empty()) return change;
    if (auto builds = still_builds(context, before, config); !builds) return builds.error();
    return change;
  };
  return context.store().update(guarded,
                                context.dry_run() ? config::Mode::dry_run : config::Mode::write);
}

void tell_serve(Context& context) {
  const auto told = admin_call(context.paths, "POST", "/api/reload");
  if (told) return;
  // None runs, or one that only an administrator may tell: it notices by itself.
  if (told.error().code != Code::unavailable && told.error().code != Code::unauthorized)
    context.out.warn("tpool serve has not taken it up: " + told.error().message);
}

Result<> finish_edit(Context& context, const config::Updated& updated, const EditReport& report) {
  Resync synced;
  if (updated.changed && !context.dry_run()) tell_serve(context);
  if (updated.changed) {
    auto done = resync(context.paths, updated.after, updated.revision, context.dry_run());
    if (!done && context.dry_run()) return done.error();
    if (!done)
      return Error{done.error().code,
                   updated.change.summary +
                       ", but Codex could not be brought up to date: " + done.error().message,
                   "the edit of the store stands; run 'tpool pool sync' when this is put right" +
                       (done.error().hint.empty() ? "" : " (" + done.error().hint + ")")};
    synced = std::move(*done);
  }
  context.out.json() ? print_json(context, updated, synced, report)
                     : print_plain(context, updated, synced, report);
  return {};
}

Result<> run_edit(Context& context, const config::Edit& edit, const EditReport& report) {
  const auto updated = store_edit(context, edit);
  if (!updated) return updated.error();
  return finish_edit(context, *updated, report);
}

std::string next_step(const Context& context, const config::Config& config) {
  if (config.providers.empty()) return "tpool provider add deepseek";
  const auto pool = build_pool(context.paths, config, "");
  if (!pool) return "tpool config check";
  const auto* first = first_model(**pool);
  if (!first) {
    if ((*pool)->default_entry()) return "tpool config edit, to give client codex a model";
    for (const auto& provider : config.providers)
      if (provider.enabled) return "tpool provider models fetch " + provider.id;
    return "tpool provider enable " + config.providers.front().id;
  }
  if (!config.pool.enabled) return "tpool pool enable";
  if (!serve_is_running(context.paths)) return "tpool serve";
  return codex_command(context.paths) + " -m " + first->name;
}

}  // namespace tpool::cli
