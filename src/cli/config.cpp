#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "cli/codex_wiring.hpp"
#include "cli/commands.hpp"
#include "cli/config_edit.hpp"
#include "cli/context.hpp"
#include "cli/dangling.hpp"
#include "cli/provider_view.hpp"
#include "cli/table.hpp"
#include "core/catalog/presets.hpp"
#include "core/config/duration.hpp"
#include "core/config/edit.hpp"
#include "core/config/private_file.hpp"
#include "core/config/toml.hpp"
#include "core/config/validate.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

Result<> path(Context& context) {
  const auto& paths = context.paths;
  if (!context.out.json()) {
    context.out.data(paths.store.string());
    return {};
  }
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  writer.member("store", paths.store.string()).member("state", paths.state.string());
  writer.member("cache", paths.cache.string()).member("runtime", paths.runtime.string());
  writer.member("admin_socket", paths.admin_socket().string()).end_object();
  context.out.document(text);
  return {};
}

struct Line {
  std::string name;
  std::string value;
  std::string origin;  // default | store | preset NAME | environment VAR
};

std::string spell(const config::Failover& failover) {
  switch (failover.mode) {
    case config::Failover::Mode::keys: return "keys";
    case config::Failover::Mode::same_model: return "same-model";
    case config::Failover::Mode::list: return join(failover.slugs, ", ");
  }
  return "keys";
}

void add_settings(std::vector<Line>& lines, const config::Config& config) {
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
  lines.push_back({"pool.enabled", config.pool.enabled ? "true" : "false",
                   config.pool.enabled ? "store" : "default"});
  lines.push_back({"pool.catalog", config.pool.catalog.value_or("live"),
                   config.pool.catalog ? "store" : "default"});
  if (!config.pool.hide.empty())
    lines.push_back({"pool.hide", join(config.pool.hide, ", "), "store"});
}

void add_provider(std::vector<Line>& lines, const config::Provider& provider) {
  const auto resolved = catalog::resolve(provider);
  const auto otherwise = provider.preset ? "preset " + *provider.preset : std::string("default");
  const auto add = [&](const char* name, const std::string& value, bool said) {
    lines.push_back({"provider." + provider.id + "." + name, value, said ? "store" : otherwise});
  };
  if (!resolved) return;
  add("name", resolved->name, provider.name.has_value());
  add("protocol", std::string(to_string(resolved->protocol)), provider.protocol.has_value());
  add("base_url", resolved->base_url, provider.base_url.has_value());
  add("auth", std::string(to_string(resolved->auth)), provider.auth.has_value());
  if (!provider.enabled) add("enabled", "false", true);
}

Result<> show(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  std::vector<Line> lines;
  add_settings(lines, loaded->config);
  for (const auto& provider : loaded->config.providers) add_provider(lines, provider);
  const bool origin = context.args.has("--origin");
  if (context.out.json()) {
    std::string text;
    json::Writer writer(text);
    writer.begin_array();
    for (const auto& line : lines) {
      writer.begin_object().member("name", line.name).member("value", line.value);
      writer.member("origin", line.origin).end_object();
    }
    writer.end_array();
    context.out.document(text);
    return {};
  }
  auto headings = std::vector<std::string>{"NAME", "VALUE"};
  if (origin) headings.emplace_back("ORIGIN");
  Table table(std::move(headings));
  for (const auto& line : lines) {
    std::vector<Cell> cells{line.name, line.value};
    if (origin) cells.emplace_back(line.origin, Style::dim);
    table.row(std::move(cells));
  }
  context.out.data(table.text(context.out));
  return {};
}

// Everything wrong with the store, the fetched lists and the pool they make.
Result<std::vector<config::Problem>> find_problems(Context& context) {
  const auto file = context.paths.store;
  const auto text = config::read_file(file);
  if (!text && text.error().code == Code::not_found) return std::vector<config::Problem>{};
  if (!text) return text.error();
  const auto parsed = config::parse(*text, file.string());
  if (!parsed) return parsed.error();
  auto problems = config::validate(*parsed);
  struct stat facts {};
  if (::stat(file.c_str(), &facts) == 0 && (facts.st_mode & 077) != 0)
    problems.push_back(
        {file.string(), "others on this machine may read it", "chmod 600 " + file.string()});
  if (problems.empty()) {
    if (const auto pool = build_pool(context.paths, *parsed, ""); !pool)
      problems.push_back({"pool", pool.error().message, pool.error().hint});
    else
      problems = find_dangling(**pool);
  }
  return problems;
}

Result<> check(Context& context) {
  const auto problems = find_problems(context);
  if (!problems) return problems.error();
  if (context.out.json()) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object().member("ok", problems->empty());
    writer.member("store", context.paths.store.string()).key("problems").begin_array();
    for (const auto& problem : *problems) {
      writer.begin_object().member("where", problem.where).member("message", problem.message);
      writer.member("hint", problem.hint).end_object();
    }
    writer.end_array().end_object();
    context.out.document(text);
  } else {
    for (const auto& problem : *problems) {
      context.out.data(problem.where + ": " + problem.message);
      if (!problem.hint.empty()) context.out.data("  " + problem.hint);
    }
  }
  if (!problems->empty())
    return invalid("the store has " + counted(problems->size(), "problem"), "tpool config edit");
  if (!context.out.json()) context.out.data("ok: " + context.paths.store.string());
  return {};
}

}  // namespace

Command config_noun() {
  return {
      .name = "config",
      .summary = "The store itself",
      .children =
          {{.name = "path",
            .summary = "Print where the store is",
            .examples = {{"config path", ""}, {"config path --json", "the other places too"}},
            .effect = Effect::prints,
            .handler = path},
           {.name = "show",
            .summary = "Show the settings in force",
            .examples = {{"config", "show is the default"},
                         {"config show --origin", "and who set each: store, preset, environment"}},
            .options = {{.name = "--origin", .help = "say where each value comes from"}},
            .effect = Effect::prints,
            .handler = show},
           {.name = "check",
            .summary = "Look for everything wrong with the store",
            .examples = {{"config check", "exit code 2 when something is"}},
            .effect = Effect::prints,
            .handler = check},
           {.name = "edit",
            .summary = "Open the store in your editor",
            .description = "Edits a copy with $VISUAL or $EDITOR. What you save is checked before "
                           "it replaces the store; when something is wrong you are asked whether "
                           "to go on editing.",
            .examples = {{"config edit", ""}, {"config edit --dry-run", "show the diff only"}},
            .effect = Effect::edits,
            .handler = config_edit}},
      .default_child = "show"};
}

}  // namespace tpool::cli
