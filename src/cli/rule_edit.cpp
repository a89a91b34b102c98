// The verbs that change rules, and the preview of one.
#include "cli/routes_edit.hpp"
#include "cli/rule.hpp"
#include "cli/rule_effect.hpp"
#include "core/config/validate.hpp"

namespace tpool::cli {
namespace {

constexpr std::int64_t most = 1'000'000;

Result<config::RuleFields> read_fields(const Arguments& args) {
  config::RuleFields fields;
  fields.developer = args.value("--developer");
  fields.model = args.value("--model");
  fields.provider = args.value("--provider");
  fields.tag = args.value("--tag");
  fields.upstream = args.value("--upstream");
  fields.match = args.value("--match");
  fields.when = args.value("--when");
  const auto priority = args.integer("--priority", -most, most);
  if (!priority) return priority.error();
  fields.priority = *priority;
  fields.enabled = args.truth("--enabled");
  return fields;
}

}  // namespace

Result<> rule_add(Context& context) {
  const auto fields = read_fields(context.args);
  if (!fields) return fields.error();
  const auto id = context.args.value("--id");
  EditReport report{.next = "tpool rule list"};
  if (fields->model) report.next = "tpool route explain " + *fields->model;
  const auto add = [&](config::Config& config) -> Result<config::Change> {
    auto change = config::add_rule(config, id, *fields);
    if (!change) return change;
    const auto pool = build_pool(context.paths, config, "");
    if (!pool) return change;
    const auto& rule = (*pool)->config->rules.back();
    if (models_of(**pool, rule).empty())
      change->notes.push_back("it places nothing now: " + why_idle(context.paths, **pool, rule));
    return change;
  };
  return run_routes_edit(context, add, report);
}

Result<> rule_edit(Context& context) {
  const auto fields = read_fields(context.args);
  if (!fields) return fields.error();
  bool any = false;
  for (const auto* name : {"--developer", "--model", "--provider", "--tag", "--upstream", "--match",
                           "--when", "--priority", "--enabled"})
    any = any || context.args.has(name);
  if (!any)
    return invalid("nothing to change was named", "run 'tpool rule edit --help' for the fields");
  const auto id = *context.args.value("RULE");
  return run_routes_edit(
      context, [&](config::Config& config) { return config::edit_rule(config, id, *fields); },
      {.next = "tpool rule list"});
}

Result<> rule_move(Context& context) {
  const auto& args = context.args;
  if (args.has("--before") == args.has("--after"))
    return invalid("where to?", "give one of --before RULE, --after RULE");
  const auto id = *args.value("RULE");
  return run_routes_edit(context,
                         [&](config::Config& config) {
                           return config::move_rule(config, id, args.value("--before"),
                                                    args.value("--after"));
                         },
                         {.next = "tpool rule list"});
}

Result<> rule_remove(Context& context) {
  const auto id = *context.args.value("RULE");
  const auto remove = [&](config::Config& config) { return config::remove_rule(config, id); };
  auto loaded = context.load();
  if (!loaded) return loaded.error();
  if (const auto tried = remove(loaded->config); !tried) return tried.error();
  if (auto agreed = context.confirm("Remove rule " + id + "?"); !agreed) return agreed;
  return run_routes_edit(context, remove, {.next = "tpool rule list"});
}

Result<> rule_preview(Context& context) {
  const auto fields = read_fields(context.args);
  if (!fields) return fields.error();
  auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto before = build_pool(context.paths, loaded->config, loaded->revision);
  if (!before) return before.error();
  const auto rule = context.args.value("--id");
  const auto added = config::add_rule(loaded->config, rule, *fields);
  if (!added) return added.error();
  if (auto valid = config::require_valid(loaded->config); !valid) return valid.error();
  const auto after = build_pool(context.paths, loaded->config, loaded->revision);
  if (!after) return after.error();
  const auto changes = route_changes(**before, **after);
  if (context.out.json()) {
    context.out.document(to_json(changes));
    return {};
  }
  for (const auto& change : changes)
    for (const auto& line : lines_of(change)) context.out.data(line);
  if (changes.empty())
    context.out.say("such a rule would change nothing: " +
                    why_idle(context.paths, **after, (*after)->config->rules.back()));
  return {};
}

}  // namespace tpool::cli
