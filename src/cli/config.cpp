#include <sys/stat.h>

#include "cli/codex_wiring.hpp"
#include "cli/commands.hpp"
#include "cli/config_edit.hpp"
#include "cli/config_setting.hpp"
#include "cli/context.hpp"
#include "cli/dangling.hpp"
#include "core/catalog/presets.hpp"
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

void add_provider(std::vector<Setting>& lines, const config::Provider& provider) {
  const auto resolved = catalog::resolve(provider);
  const auto otherwise = provider.preset ? "preset " + *provider.preset : std::string("default");
  const auto add = [&](const char* name, const std::string& value, bool said) {
    lines.push_back({"provider." + provider.id + "." + name, value, said ? "store" : otherwise});
  };
  if (!resolved) return;
  add("name", resolved->name, provider.name.has_value());
  add("protocol", std::string(to_string(resolved->protocol)), provider.protocol.has_value());
  if (!resolved->base_url.empty())
    add("base_url", resolved->base_url, provider.base_url.has_value());
  add("auth", std::string(to_string(resolved->auth)), provider.auth.has_value());
  if (!provider.enabled) add("enabled", "false", true);
}

Result<> show(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  auto lines = settings_in_force(loaded->config);
  for (const auto& provider : loaded->config.providers) add_provider(lines, provider);
  print_settings(context, lines, context.args.has("--origin"));
  return {};
}

// Everything wrong with the store, the fetched lists and the pool they make.
Result<std::vector<config::Problem>> find_problems(Context& context) {
  const auto file = context.paths.store;
  const auto text = config::read_file(file);
  if (!text && text.error().code == Code::not_found) return std::vector<config::Problem>{};
  if (!text) return text.error();
  std::vector<std::string> unknown;
  const auto parsed = config::parse(*text, file.string(), &unknown);
  if (!parsed) return parsed.error();
  for (const auto& key : unknown) context.out.warn(key);
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
           config_get_verb(),
           config_set_verb(),
           config_unset_verb(),
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
