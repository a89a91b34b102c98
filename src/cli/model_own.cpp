// Models of the store's own, and aliases.
#include "cli/model.hpp"
#include "cli/routes_edit.hpp"
#include "cli/table.hpp"
#include "core/config/edit.hpp"
#include "core/config/edit_model.hpp"

namespace tpool::cli {
namespace {

// What a model of one's own has not: those are facts of one provider's.
Result<> no_facts(const Arguments& args) {
  for (const auto& option : facts_options())
    if (args.has(option.name))
      return invalid(option.name + " is about one provider's model",
                     "name it as PROVIDER/MODEL, as tpool model list does");
  return {};
}

Result<> edit_own(Context& context, const std::string& id) {
  const auto& args = context.args;
  if (auto fine = no_facts(args); !fine) return fine;
  config::ModelFields fields{.developer = args.value("--developer"),
                             .failover = args.value("--failover"),
                             .inherit = args.truth("--inherit"),
                             .fallback = args.truth("--fallback"),
                             .hidden = args.truth("--hidden")};
  if (const auto enabled = args.truth("--enabled")) fields.disabled = !*enabled;
  if (!fields.developer && !fields.failover && !fields.inherit && !fields.fallback &&
      !fields.hidden && !fields.disabled)
    return invalid("nothing to change was named", "run 'tpool model edit --help' for the fields");
  return run_routes_edit(
      context, [&](config::Config& config) { return config::edit_own_model(config, id, fields); },
      {.next = "tpool route explain " + id});
}

Result<> list_aliases(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  std::string text;
  json::Writer writer(text);
  Table table({"ALIAS", "TARGET", "NOTE"});
  writer.begin_array();
  for (const auto& alias : loaded->config.aliases) {
    const auto* entry = (*pool)->find(alias.name);
    const bool hidden = entry ? entry->hidden : alias.hidden;
    writer.begin_object().member("id", alias.name).member("target", alias.target);
    writer.member("hidden", hidden).member("reachable", entry != nullptr).end_object();
    table.row(
        {alias.name, alias.target,
         entry ? Cell(hidden ? "hidden" : "", Style::dim) : Cell("leads nowhere now", Style::bad)});
  }
  writer.end_array();
  if (context.out.json())
    context.out.document(text);
  else if (table.empty())
    context.out.say("no aliases");
  else
    context.out.data(table.text(context.out));
  return {};
}

}  // namespace

Result<> model_add(Context& context) {
  const auto& args = context.args;
  const auto id = *args.value("MODEL");
  config::ModelFields fields{.developer = args.value("--developer"),
                             .failover = args.value("--failover")};
  if (args.has("--no-inherit")) fields.inherit = false;
  if (args.has("--no-fallback")) fields.fallback = false;
  if (args.has("--hidden")) fields.hidden = true;
  EditReport report{.next = "tpool route explain " + id};
  report.add_text("id", id);
  const auto add = [&](config::Config& config) -> Result<config::Change> {
    const auto old = build_pool(context.paths, config, "");
    if (const auto* taken = old ? (*old)->find(id) : nullptr;
        taken && taken->kind == catalog::Entry::Kind::slug)
      return conflict(id + " is the slug of a provider's model, so no model can have this id",
                      "choose an id of its own, such as the part after the slash");
    auto change = config::add_model(config, id, fields);
    if (!change) return change;
    const auto pool = build_pool(context.paths, config, "");
    if (pool && !(*pool)->resolve(id)) {
      const auto why = (*pool)->explain_unknown(id);
      change->notes.push_back(why.message);
      report.next = "tpool rule add --model " + id + " --provider ID";
    }
    return change;
  };
  return run_routes_edit(context, add, report);
}

Result<> model_edit(Context& context) {
  const auto text = *context.args.value("MODEL");
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  if (config::find_model(loaded->config, text)) return edit_own(context, text);
  const auto slash = text.find('/');
  if (slash == std::string::npos || slash + 1 == text.size())
    return invalid("which provider's model?",
                   "name it as PROVIDER/MODEL, as tpool model list does; tpool model add " + text +
                       " makes one of your own");
  for (const auto* name :
       {"--developer", "--failover", "--inherit", "--fallback", "--hidden", "--enabled"})
    if (context.args.has(name))
      return invalid(std::string(name) + " is about a model of your own, made with model add",
                     std::string_view(name) == "--failover"
                         ? "tpool provider edit " + text.substr(0, slash) + " --failover WHO"
                         : "tpool model edit --help tells which is which");
  return edit_facts(context, text.substr(0, slash), text.substr(slash + 1));
}

Result<> model_remove(Context& context) {
  const auto id = *context.args.value("MODEL");
  const bool force = context.args.has("--force");
  const auto remove = [&](config::Config& config) {
    return config::remove_model(config, id, force);
  };
  auto loaded = context.load();
  if (!loaded) return loaded.error();
  if (const auto tried = remove(loaded->config); !tried) return tried.error();
  if (auto agreed = context.confirm("Remove model " + id + "?"); !agreed) return agreed;
  return run_routes_edit(context, remove, {.next = "tpool model list"});
}

Result<> model_alias(Context& context) {
  const auto& args = context.args;
  const auto name = args.value("NAME");
  const auto target = args.value("TARGET");
  if (args.has("--remove")) {
    if (!name || target) return invalid("which alias?", "tpool model alias --remove NAME");
    return run_routes_edit(
        context, [&](config::Config& config) { return config::remove_alias(config, *name); },
        {.next = "tpool model alias"});
  }
  if (!name) return list_aliases(context);
  if (!target) return invalid("where does it lead?", "tpool model alias " + *name + " TARGET");
  const bool hidden = args.has("--hidden");
  const auto add = [&](config::Config& config) -> Result<config::Change> {
    const auto pool = build_pool(context.paths, config, "");
    if (pool && !(*pool)->resolve(*target)) return (*pool)->explain_unknown(*target);
    return config::add_alias(config, *name, *target, hidden);
  };
  return run_routes_edit(context, add, {.next = "tpool route explain " + *name});
}

}  // namespace tpool::cli
