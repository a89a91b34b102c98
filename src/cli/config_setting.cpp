#include "cli/config_setting.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cli/admin_client.hpp"
#include "cli/apply_edit.hpp"
#include "cli/dangling.hpp"
#include "cli/provider_view.hpp"
#include "cli/secret_on_argv.hpp"
#include "cli/table.hpp"
#include "core/config/duration.hpp"
#include "core/config/edit.hpp"
#include "core/config/edit_lookup.hpp"
#include "core/config/routing_table.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

std::string spell(const config::Failover& failover) {
  switch (failover.mode) {
    case config::Failover::Mode::keys: return "keys";
    case config::Failover::Mode::same_model: return "same-model";
    case config::Failover::Mode::list: return join(failover.slugs, ", ");
  }
  return "keys";
}

// `strategy` and `settings.strategy` are the same.
std::string full_name(const std::string& name) {
  return name.find('.') == std::string::npos ? "settings." + name : name;
}

constexpr std::array tables{"settings", "routing", "pool"};

bool is_table(std::string_view name) { return std::ranges::find(tables, name) != tables.end(); }

Error no_such_setting(const std::string& name) {
  auto known = config::setting_names();
  known.insert(known.begin(), tables.begin(), tables.end());
  return config::no_such("setting", name, known);
}

Result<> get(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto name = *context.args.value("KEY");
  auto settings = settings_in_force(loaded->config);
  if (is_table(name)) {
    std::erase_if(settings, [&](const Setting& one) { return !one.name.starts_with(name + "."); });
    print_settings(context, settings, false);
    return {};
  }
  const auto found = std::ranges::find(settings, full_name(name), &Setting::name);
  if (found == settings.end()) return no_such_setting(name);
  if (!context.out.json()) {
    context.out.data(found->value);
    return {};
  }
  std::string text;
  json::Writer writer(text);
  writer.begin_object().member("name", found->name).member("value", found->value);
  writer.member("origin", found->origin).end_object();
  context.out.document(text);
  return {};
}

// A name may be set before there is such a model, and may be a slip.
void note_dangling(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return;
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return;
  for (const auto& problem : find_dangling(**pool))
    if (problem.where == "settings")
      context.out.say("note: " + problem.message + " (" + problem.hint + ")");
}

Result<> assign(Context& context, const std::string& value) {
  const auto name = *context.args.value("KEY");
  const auto full = full_name(name);
  if (full == "settings.proxy")
    if (auto fine = check_proxy(value); !fine) return fine.error();
  if (full.starts_with("pool."))
    return invalid(name + " is no setting, but the pool's own",
                   "tpool pool enable --help, or tpool config edit");
  if (is_table(name))
    return invalid(name + " is a table of settings", "name one of it: tpool config get " + name);
  EditReport report{.next = "tpool config show --origin"};
  if (full == "settings.listen" && serve_is_running(context.paths))
    report.next = "stop tpool serve and start it again: it listens there from then on";
  auto done = run_edit(
      context, [&](config::Config& config) { return config::set_setting(config, full, value); },
      report);
  if (done && !value.empty() && (full == "settings.default_model" || full == "settings.failover"))
    note_dangling(context);
  return done;
}

Result<> set(Context& context) {
  const auto value = *context.args.value("VALUE");
  // As in the store, where "" is a value of no setting.
  if (value.empty())
    return invalid("an empty value sets nothing",
                   "tpool config unset " + *context.args.value("KEY"));
  return assign(context, value);
}

Result<> unset(Context& context) { return assign(context, ""); }

Positional key_positional() {
  return {
      .name = "KEY", .help = "as in [settings], or routing.KEY", .completes = Completes::setting};
}

}  // namespace

std::vector<Setting> settings_in_force(const config::Config& config) {
  std::vector<Setting> lines;
  const auto& settings = config.settings;
  const auto add = [&](const char* name, const std::optional<std::string>& said,
                       std::string_view otherwise) {
    lines.push_back({std::string("settings.") + name, said.value_or(std::string(otherwise)),
                     said ? "store" : "default"});
  };
  add("listen", settings.listen, config::default_listen);
  if (const char* set = std::getenv("TPOOL_LISTEN"); set != nullptr && *set != '\0')
    lines.back() = {"settings.listen", set, "environment TPOOL_LISTEN"};
  add("strategy", settings.strategy, "priced-affinity");
  add("profile", settings.profile, "balanced");
  add("on_unknown_model", settings.on_unknown_model, "error");
  add("default_model", settings.default_model, "the first of the pool");
  std::optional<std::string> failover, suffix, websocket, keep_turns;
  if (settings.failover) failover = spell(*settings.failover);
  if (settings.effort_suffix) suffix = *settings.effort_suffix ? "true" : "false";
  add("failover", failover, "keys");
  add("effort_suffix", suffix, "false");
  if (settings.websocket) websocket = *settings.websocket ? "true" : "false";
  if (settings.keep_turns) keep_turns = config::duration_text(*settings.keep_turns);
  add("websocket", websocket, "false");
  add("keep_turns", keep_turns, "720h");
  std::optional<std::string> proxy;
  if (settings.proxy) proxy = without_password(*settings.proxy);
  add("proxy", proxy, "inherit");
  for (const auto& key : config::routing_keys())
    lines.push_back({"routing." + std::string(key.name), config::text_of(key, config.routing),
                     config::said(config.routing, key) ? "store" : "default"});
  lines.push_back({"pool.enabled", config.pool.enabled ? "true" : "false",
                   config.pool.enabled ? "store" : "default"});
  lines.push_back({"pool.catalog", config.pool.catalog.value_or("live"),
                   config.pool.catalog ? "store" : "default"});
  if (!config.pool.hide.empty())
    lines.push_back({"pool.hide", join(config.pool.hide, ", "), "store"});
  return lines;
}

void print_settings(Context& context, const std::vector<Setting>& settings, bool origin) {
  if (context.out.json()) {
    std::string text;
    json::Writer writer(text);
    writer.begin_array();
    for (const auto& one : settings) {
      writer.begin_object().member("name", one.name).member("value", one.value);
      writer.member("origin", one.origin).end_object();
    }
    writer.end_array();
    context.out.document(text);
    return;
  }
  auto headings = std::vector<std::string>{"NAME", "VALUE"};
  if (origin) headings.emplace_back("ORIGIN");
  Table table(std::move(headings));
  for (const auto& one : settings) {
    std::vector<Cell> cells{one.name, one.value};
    if (origin) cells.emplace_back(one.origin, Style::dim);
    table.row(std::move(cells));
  }
  context.out.data(table.text(context.out));
}

Command config_get_verb() {
  return {.name = "get",
          .summary = "Print the value of a setting that is in force",
          .description = "The default where the store says nothing; --json says whose word it is.",
          .examples = {{"config get strategy", ""},
                       {"config get routing", "all of a table: settings, routing or pool"},
                       {"config get pool.catalog --json", ""}},
          .positionals = {key_positional()},
          .effect = Effect::prints,
          .handler = get};
}

Command config_set_verb() {
  return {.name = "set",
          .summary = "Set one of [settings] or [routing] in the store",
          .description =
              "Comments and every other line stay as they are. A running serve takes it "
              "up at once, but for listen, which counts from its next start.",
          .examples = {{"config set profile cheap", "waiting is worth less than money"},
                       {"config set failover same-model", ""},
                       {"config set routing.attempts 3", "man tpool.toml names them all"},
                       {"config set keep_turns 24h --dry-run", "show the diff only"}},
          .positionals = {key_positional(), {.name = "VALUE", .help = "what it is from now on"}},
          .effect = Effect::edits,
          .handler = set};
}

Command config_unset_verb() {
  return {.name = "unset",
          .summary = "Take a setting out of the store, so that the default counts",
          .examples = {{"config unset profile", ""}, {"config unset routing.attempts", ""}},
          .positionals = {key_positional()},
          .effect = Effect::edits,
          .handler = unset};
}

}  // namespace tpool::cli
